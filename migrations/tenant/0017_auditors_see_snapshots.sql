-- Decisions trust snapshots, so auditors hold them against the events of their streams. They say nothing that those
-- events don't, and what is sealed there is sealed here.
SELECT show_to_auditors('snapshots');
