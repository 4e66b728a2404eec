DROP TABLE lot_aliases;
