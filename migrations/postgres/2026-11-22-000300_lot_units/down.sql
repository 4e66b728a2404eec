DROP TABLE lot_units;
