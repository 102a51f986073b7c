"""Processes: command line, projector, jobs, imports."""
