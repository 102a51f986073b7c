"""Orders besides the till: placed, paid, allocated, picked, shipped, received."""
