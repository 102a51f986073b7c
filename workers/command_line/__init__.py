"""The commands of `daybook`, a module for each subject. The work is done elsewhere in workers/."""
