"""Words and symbols that tell statements apart, for each kind of database."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


def family(db_type: str) -> str:
    """Return the kind of database whose SQL this one speaks."""
    return "mysql" if db_type == "mariadb" else db_type


# How a query begins.
QUERY_WORDS = {
    "sqlite": words("SELECT WITH VALUES"),
    "postgres": words("SELECT WITH VALUES TABLE ("),
    "mysql": words("SELECT WITH VALUES TABLE ("),
    "sqlserver": words("SELECT WITH ("),
    "snowflake": words("SELECT WITH VALUES ("),
    "duckdb": words("SELECT WITH VALUES TABLE FROM PIVOT UNPIVOT ("),
}

# Words that a query never has, on databases where they are reserved; SQL Server needs no semicolon between
# statements, and a parser may take the first word of the second for an alias.
REFUSED_WORDS = {
    "postgres": words("INTO"),
    "mysql": words("""
        ALTER CALL CREATE DELETE DROP GRANT INFILE INSERT INTO KILL LOAD LOCK OUTFILE PROCEDURE PURGE RENAME REPLACE
        RESIGNAL REVOKE SET SIGNAL TRIGGER UNLOCK UPDATE
    """),
    "sqlserver": words("""
        ADD ALTER AUTHORIZATION BACKUP BEGIN BREAK BROWSE BULK CHECKPOINT CLOSE COMMIT CONTINUE CREATE CURSOR DBCC
        DEALLOCATE DECLARE DELETE DENY DROP DUMP ERRLVL EXEC EXECUTE EXIT GOTO GRANT IF INSERT INTO KILL LINENO LOAD
        MERGE OPEN PRINT PROC PROCEDURE RAISERROR READTEXT RECONFIGURE RESTORE RETURN REVERT REVOKE ROLLBACK SAVE SET
        SETUSER SHUTDOWN TRAN TRANSACTION TRIGGER TRUNCATE UPDATE UPDATETEXT USE WAITFOR WHILE WRITETEXT
        OPENDATASOURCE OPENQUERY OPENROWSET OPENXML
        HOLDLOCK PAGLOCK QUERYTRACEON REPEATABLEREAD ROWLOCK SERIALIZABLE TABLOCK TABLOCKX UPDLOCK XLOCK
    """),
    "snowflake": words("ALTER CREATE DELETE DROP GRANT INSERT INTO REVOKE SET UPDATE"),
}
# Pairs of words with one of these that a query may have.
ALLOWED_PAIRS = {("CHARACTER", "SET"), ("CHAR", "SET"), ("MERGE", "JOIN"), ("MERGE", "UNION")}
# Of these, the names of functions.
REFUSED_WORDS_AS_FUNCTIONS = words("INSERT REPLACE")

# Reserved words that a parenthesis may follow, and that the parser has functions for. No function of a database has
# one of these names, unless it is quoted.
OPERATORS = {
    "mysql": words("AND OR XOR LIKE CASE COLLATE"),
    "sqlserver": words("AND OR LIKE CASE COLLATE"),
}

REFUSED_SYMBOLS = {
    "mysql": {":=": "assigning variables (:=) is refused"},
    "snowflake": {
        "->>": "statements that follow each other (->>) are refused",
        "@": "reading stages (@) is refused",
        "!": "methods of objects (!) are refused",
    },
}

# EXPLAIN, and which of its options do not run the statement.
EXPLAIN_OPTIONS = {
    "sqlite": words("QUERY PLAN"),
    "postgres": words("VERBOSE"),
    "mysql": words("EXTENDED PARTITIONS FORMAT = JSON TREE TRADITIONAL"),
    "snowflake": words("USING TABULAR JSON TEXT"),
    "duckdb": words(""),
}
EXPLAIN_LIST_OPTIONS = {
    "postgres": words("VERBOSE COSTS SETTINGS GENERIC_PLAN SUMMARY FORMAT BUFFERS MEMORY"),
    "duckdb": words("FORMAT"),
}
EXPLAIN_VALUES = words("TRUE FALSE ON OFF TEXT JSON XML YAML GRAPHVIZ HTML MERMAID")

# What may follow SHOW in MySQL and MariaDB.
MYSQL_SHOW = words("""
    TABLES FULL COLUMNS FIELDS DATABASES SCHEMAS INDEX INDEXES KEYS CREATE TABLE OPEN ENGINES STORAGE WARNINGS ERRORS
    GRANTS VARIABLES STATUS GLOBAL SESSION LOCAL PROCESSLIST COLLATION CHARACTER CHARSET TRIGGERS EVENTS FUNCTION
    PROCEDURE PLUGINS PRIVILEGES EXTENDED PACKAGE LOCALES
""")
# Words that make more of a statement of the catalogue than that.
NOT_OF_THE_CATALOGUE = words("""
    ALTER ANALYZE CALL DELETE DO DROP EXECUTE EXPLAIN INSERT INTO MERGE REPLACE SELECT TRUNCATE UPDATE WITH
""")
