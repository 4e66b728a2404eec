DROP TABLE scope_lots;
DROP TABLE scope_blocks;
DROP TABLE recall_moves;
DROP TABLE recall_tasks;
DROP TABLE recall_versions;
DROP TABLE recalls;
