DROP INDEX scope_lots_lot;
DROP INDEX scope_blocks_block;
DROP INDEX recall_versions_scope;
DROP TABLE recall_names;
