"""Cases: complaints today, other kinds later."""
