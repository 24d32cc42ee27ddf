"""Version 1: the tables of projects and everything in them."""

from __future__ import annotations

# Lists are in order of creation, which is the order of `seq`. `seq` is SQLite's rowid, and the last column of every
# index; so an index on project_id serves both to filter by project and to order by creation.
_ITEM_COLUMNS = """
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL"""
_PROJECT_ITEM_COLUMNS = f"""{_ITEM_COLUMNS},
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE"""
_COLLECTION_COLUMNS = """
    h2ogpte_doc_id TEXT NOT NULL,
    collection_id TEXT NOT NULL"""

SQL = f"""
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE projects ({_ITEM_COLUMNS},
    name TEXT NOT NULL,
    description TEXT,
    active_chat_preset_id TEXT
);

CREATE TABLE collections ({_PROJECT_ITEM_COLUMNS},
    component_type TEXT NOT NULL,
    h2ogpte_collection_id TEXT NOT NULL,
    UNIQUE (project_id, component_type)
);

CREATE TABLE contexts ({_PROJECT_ITEM_COLUMNS},
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    description TEXT,
    is_always_displayed INTEGER NOT NULL,{_COLLECTION_COLUMNS}
);
CREATE INDEX contexts_by_project ON contexts (project_id);

CREATE TABLE golden_examples ({_PROJECT_ITEM_COLUMNS},
    user_query TEXT NOT NULL,
    sql_query TEXT NOT NULL,
    description TEXT,
    is_always_displayed INTEGER NOT NULL,{_COLLECTION_COLUMNS}
);
CREATE INDEX golden_examples_by_project ON golden_examples (project_id);

CREATE TABLE schema_metadata ({_PROJECT_ITEM_COLUMNS},
    name TEXT NOT NULL,
    schema_data TEXT NOT NULL,
    description TEXT,
    is_always_displayed INTEGER NOT NULL,
    split_group_id TEXT,
    split_index INTEGER,
    total_splits INTEGER,{_COLLECTION_COLUMNS}
);
CREATE INDEX schema_metadata_by_project ON schema_metadata (project_id);
CREATE INDEX schema_metadata_by_group ON schema_metadata (split_group_id, split_index)
    WHERE split_group_id IS NOT NULL;

CREATE TABLE chat_sessions ({_PROJECT_ITEM_COLUMNS},
    name TEXT,
    custom_tool_id TEXT REFERENCES custom_tools (id) ON DELETE SET NULL,
    connector_id TEXT,
    redirect_url TEXT
);
CREATE INDEX chat_sessions_by_project ON chat_sessions (project_id);
CREATE INDEX chat_sessions_by_tool ON chat_sessions (custom_tool_id) WHERE custom_tool_id IS NOT NULL;

-- Messages and executions are kept when their session or connector is deleted: feedback and the cache refer to them.
CREATE TABLE chat_messages ({_PROJECT_ITEM_COLUMNS},
    chat_session_id TEXT,
    user_query TEXT NOT NULL,
    sql_query TEXT,
    explanation TEXT,
    agent_tool_response TEXT,
    context_id TEXT,
    schema_metadata_id TEXT,
    connector_id TEXT,
    example_id TEXT
);
CREATE INDEX chat_messages_by_project ON chat_messages (project_id);

CREATE TABLE executions ({_PROJECT_ITEM_COLUMNS},
    connector_id TEXT NOT NULL,
    chat_message_id TEXT REFERENCES chat_messages (id) ON DELETE CASCADE,
    h2ogpte_session_id TEXT,
    sql_query TEXT NOT NULL,
    execution_time_ms INTEGER NOT NULL,
    is_successful INTEGER NOT NULL,
    error TEXT,
    result TEXT
);
CREATE INDEX executions_by_project ON executions (project_id);
CREATE INDEX executions_by_connector ON executions (connector_id);
CREATE INDEX executions_by_message ON executions (chat_message_id);

CREATE TABLE feedback ({_PROJECT_ITEM_COLUMNS},
    chat_message_id TEXT NOT NULL REFERENCES chat_messages (id) ON DELETE CASCADE,
    feedback TEXT NOT NULL,
    is_positive INTEGER NOT NULL,
    execution_id TEXT REFERENCES executions (id) ON DELETE SET NULL,{_COLLECTION_COLUMNS}
);
CREATE INDEX feedback_by_project ON feedback (project_id);
CREATE INDEX feedback_by_message ON feedback (chat_message_id);
CREATE INDEX feedback_by_execution ON feedback (execution_id) WHERE execution_id IS NOT NULL;

-- Secrets have a table of their own, since replies are made from the rows of the other tables.
CREATE TABLE secrets (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX secrets_by_project ON secrets (project_id);

CREATE TABLE connectors ({_PROJECT_ITEM_COLUMNS},
    name TEXT NOT NULL,
    description TEXT,
    db_type TEXT NOT NULL,
    host TEXT,
    port INTEGER,
    username TEXT,
    database TEXT NOT NULL,
    config TEXT,
    password_secret_id TEXT
);
CREATE INDEX connectors_by_project ON connectors (project_id);

CREATE TABLE prompt_templates ({_PROJECT_ITEM_COLUMNS},
    name TEXT NOT NULL,
    description TEXT,
    lang TEXT,
    system_prompt TEXT NOT NULL,
    is_builtin INTEGER NOT NULL,
    shared_with TEXT
);
CREATE INDEX prompt_templates_by_project ON prompt_templates (project_id);

CREATE TABLE chat_presets ({_PROJECT_ITEM_COLUMNS},
    name TEXT NOT NULL,
    description TEXT,
    h2ogpte_collection_id TEXT NOT NULL UNIQUE,
    collection_name TEXT NOT NULL,
    collection_description TEXT,
    is_public INTEGER NOT NULL,
    connector_id TEXT,
    prompt_template_id TEXT REFERENCES prompt_templates (id) ON DELETE SET NULL,
    chat_settings TEXT,
    t2e_base_url TEXT,
    api_system_prompt TEXT,
    workspace_id TEXT,
    shared_with TEXT
);
CREATE INDEX chat_presets_by_project ON chat_presets (project_id);
CREATE INDEX chat_presets_by_connector ON chat_presets (connector_id) WHERE connector_id IS NOT NULL;
CREATE INDEX chat_presets_by_template ON chat_presets (prompt_template_id) WHERE prompt_template_id IS NOT NULL;

CREATE TABLE custom_tools ({_PROJECT_ITEM_COLUMNS},
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    h2ogpte_collection_id TEXT NOT NULL
);
CREATE INDEX custom_tools_by_project ON custom_tools (project_id);

CREATE TABLE custom_tool_documents ({_ITEM_COLUMNS},
    custom_tool_id TEXT NOT NULL REFERENCES custom_tools (id) ON DELETE CASCADE,
    filename TEXT NOT NULL,
    h2ogpte_doc_id TEXT NOT NULL
);
CREATE INDEX custom_tool_documents_by_tool ON custom_tool_documents (custom_tool_id);
"""
