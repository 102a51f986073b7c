-- A writer that lost its connection raises the fence before it asks what became of its last append: an append
-- that the server has not begun yet then finds another fence and writes nothing, however late it is carried out.
ALTER TABLE journal_head ADD COLUMN fence bigint NOT NULL DEFAULT 0;
