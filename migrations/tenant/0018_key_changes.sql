-- The checkpoints with which one sealing key follows another: a handful among millions, wanted by every export.
CREATE INDEX audit_key_changes ON audit_checkpoints (size) WHERE note LIKE E'%\nkey-change %';
