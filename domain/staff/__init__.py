"""Employees: who sells and who answers complaints."""
