DROP TABLE scope_exclusions;
