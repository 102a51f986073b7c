"""Processes besides the API: command line, projector, jobs."""
