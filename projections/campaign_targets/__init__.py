"""Whom is a targeted campaign for?"""
