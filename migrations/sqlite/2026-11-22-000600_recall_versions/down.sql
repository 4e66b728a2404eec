DROP TABLE recall_releases;
DROP TABLE recall_differences;
