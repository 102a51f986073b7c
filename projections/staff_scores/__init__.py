"""How did an employee do in a month: sales, returns, complaints handled?"""
