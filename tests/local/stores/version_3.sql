PRAGMA application_id = 1412580691;
PRAGMA user_version = 3;
PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE chat_messages (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
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
INSERT INTO "chat_messages" VALUES(1,'cb2a2fbb-4398-45c5-9506-0debd6b1dad5','2026-11-26T18:22:59.397484+00:00','2026-11-26T18:22:59.397484+00:00','5846d071-9504-424f-9a20-7b96f53995d9','eb62ecbf-4b11-48a7-9824-b2514e59995c','How many customers are there?','SELECT 1','é',NULL,NULL,NULL,'d361cc90-fe54-4ab7-a05c-1d0c73844867','f8355093-6168-4f76-90ce-6551dff67756');
INSERT INTO "chat_messages" VALUES(2,'5475c8d9-4dd0-48db-9d2a-286267104af1','2026-11-26T18:22:59.397743+00:00','2026-11-26T18:22:59.397743+00:00','5846d071-9504-424f-9a20-7b96f53995d9','eb62ecbf-4b11-48a7-9824-b2514e59995c','Wie viele größte Käufer?','SELECT 1','é',NULL,NULL,NULL,'d361cc90-fe54-4ab7-a05c-1d0c73844867','f8355093-6168-4f76-90ce-6551dff67756');
INSERT INTO "chat_messages" VALUES(3,'3920fa8e-4992-47d0-96c3-6c2d3b30319e','2026-11-26T18:22:59.397911+00:00','2026-11-26T18:22:59.397911+00:00','5846d071-9504-424f-9a20-7b96f53995d9','eb62ecbf-4b11-48a7-9824-b2514e59995c','顧客は何人ですか','SELECT 1','é',NULL,NULL,NULL,'d361cc90-fe54-4ab7-a05c-1d0c73844867','f8355093-6168-4f76-90ce-6551dff67756');
INSERT INTO "chat_messages" VALUES(4,'6e868b1c-5499-45d9-8ebd-987df0edcf9b','2026-11-26T18:22:59.397995+00:00','2026-11-26T18:22:59.397995+00:00','5846d071-9504-424f-9a20-7b96f53995d9','eb62ecbf-4b11-48a7-9824-b2514e59995c','broken','SELECT 1','é',NULL,NULL,NULL,'d361cc90-fe54-4ab7-a05c-1d0c73844867','f8355093-6168-4f76-90ce-6551dff67756');
INSERT INTO "chat_messages" VALUES(5,'f6f0605c-cc61-426b-8e8b-6391be8c8a4d','2026-11-26T18:22:59.398768+00:00','2026-11-26T18:22:59.398768+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','590d9418-3d18-46ca-b936-2e6c1ca76bb5','How many customers are there?','SELECT 1','é',NULL,NULL,NULL,'0da45d24-7b40-4a8d-8672-cb50c5e28ffb','15b452dc-7a69-4e46-83f2-09295ada785d');
INSERT INTO "chat_messages" VALUES(6,'e69bc4b4-544e-4ac5-a669-bd91cb4fde48','2026-11-26T18:22:59.398959+00:00','2026-11-26T18:22:59.398959+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','590d9418-3d18-46ca-b936-2e6c1ca76bb5','Wie viele größte Käufer?','SELECT 1','é',NULL,NULL,NULL,'0da45d24-7b40-4a8d-8672-cb50c5e28ffb','15b452dc-7a69-4e46-83f2-09295ada785d');
INSERT INTO "chat_messages" VALUES(7,'1629ae97-f3f1-4e22-b53b-12072f4e3a08','2026-11-26T18:22:59.399119+00:00','2026-11-26T18:22:59.399119+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','590d9418-3d18-46ca-b936-2e6c1ca76bb5','顧客は何人ですか','SELECT 1','é',NULL,NULL,NULL,'0da45d24-7b40-4a8d-8672-cb50c5e28ffb','15b452dc-7a69-4e46-83f2-09295ada785d');
INSERT INTO "chat_messages" VALUES(8,'c72f77f4-854d-44d6-b5e9-94e72b657aa7','2026-11-26T18:22:59.399222+00:00','2026-11-26T18:22:59.399222+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','590d9418-3d18-46ca-b936-2e6c1ca76bb5','broken','SELECT 1','é',NULL,NULL,NULL,'0da45d24-7b40-4a8d-8672-cb50c5e28ffb','15b452dc-7a69-4e46-83f2-09295ada785d');
CREATE TABLE chat_presets (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
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
INSERT INTO "chat_presets" VALUES(1,'dbbcb1d8-92d9-4e05-b975-d8062cc25b00','2026-11-26T18:22:59.397247+00:00','2026-11-26T18:22:59.397247+00:00','5846d071-9504-424f-9a20-7b96f53995d9','Preset',NULL,'aab3e3e7-6440-4ddf-b013-e7031effde81','c',NULL,1,'d361cc90-fe54-4ab7-a05c-1d0c73844867','42d49fc3-a55e-4310-b89f-1424d5cd2e96','{"llm_args": {}}',NULL,NULL,NULL,NULL);
INSERT INTO "chat_presets" VALUES(2,'17844b89-81e2-4b55-8ade-069781aefb95','2026-11-26T18:22:59.398662+00:00','2026-11-26T18:22:59.398662+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','Preset',NULL,'029b04e4-fdb0-4cbb-89e1-8f3c3f28f57d','c',NULL,1,'0da45d24-7b40-4a8d-8672-cb50c5e28ffb','1be200c4-9453-4c59-a8e6-4cec6056a78c','{"llm_args": {}}',NULL,NULL,NULL,NULL);
CREATE TABLE chat_sessions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT,
    custom_tool_id TEXT REFERENCES custom_tools (id) ON DELETE SET NULL,
    connector_id TEXT,
    redirect_url TEXT
);
INSERT INTO "chat_sessions" VALUES(1,'eb62ecbf-4b11-48a7-9824-b2514e59995c','2026-11-26T18:22:59.397383+00:00','2026-11-26T18:22:59.397383+00:00','5846d071-9504-424f-9a20-7b96f53995d9','Sitzung','e0b9e360-5476-4539-a023-a05b4403c8dc','d361cc90-fe54-4ab7-a05c-1d0c73844867',NULL);
INSERT INTO "chat_sessions" VALUES(2,'590d9418-3d18-46ca-b936-2e6c1ca76bb5','2026-11-26T18:22:59.398738+00:00','2026-11-26T18:22:59.398738+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','Sitzung','6d249cea-36dd-49f1-8f78-cb24ca453312','0da45d24-7b40-4a8d-8672-cb50c5e28ffb',NULL);
CREATE TABLE collections (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    component_type TEXT NOT NULL,
    h2ogpte_collection_id TEXT NOT NULL,
    UNIQUE (project_id, component_type)
);
INSERT INTO "collections" VALUES(1,'6247433d-a0c5-470e-b992-d01f0e863b56','2026-11-26T18:22:59.396632+00:00','2026-11-26T18:22:59.396632+00:00','5846d071-9504-424f-9a20-7b96f53995d9','contexts','f4a7622b-de18-4df3-b1df-fe37c85d4f89');
INSERT INTO "collections" VALUES(2,'88cc8b95-69af-4a85-bdf0-e984e4fd0bab','2026-11-26T18:22:59.396767+00:00','2026-11-26T18:22:59.396767+00:00','5846d071-9504-424f-9a20-7b96f53995d9','examples','43bb14b8-5b73-4327-8cb7-d89399f8b180');
INSERT INTO "collections" VALUES(3,'0f6e8595-4cf6-4ec3-9ab5-11a37e9febe8','2026-11-26T18:22:59.396890+00:00','2026-11-26T18:22:59.396890+00:00','5846d071-9504-424f-9a20-7b96f53995d9','schema_metadata','3ebfe944-ceeb-436e-b4b3-b52b54682fa0');
INSERT INTO "collections" VALUES(4,'0d2b762f-5373-46ec-b17f-82a4ade315a2','2026-11-26T18:22:59.397131+00:00','2026-11-26T18:22:59.397131+00:00','5846d071-9504-424f-9a20-7b96f53995d9','custom_tools','3bd720c6-27f3-4af3-9485-3603b431f665');
INSERT INTO "collections" VALUES(5,'387ce28a-cc7a-401a-bab6-d2f7d3b0ee02','2026-11-26T18:22:59.397606+00:00','2026-11-26T18:22:59.397606+00:00','5846d071-9504-424f-9a20-7b96f53995d9','feedback','bcd03f01-6011-4bd0-a081-ca76f207c1ae');
INSERT INTO "collections" VALUES(6,'d7f304e5-eeca-4824-b09f-1760750d159c','2026-11-26T18:22:59.398220+00:00','2026-11-26T18:22:59.398220+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','contexts','48e0f584-4d72-4e6b-a761-7ec4f48ab9d3');
INSERT INTO "collections" VALUES(7,'551c1b91-6e00-4046-a1fc-3ef5bb038e1d','2026-11-26T18:22:59.398298+00:00','2026-11-26T18:22:59.398298+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','examples','c5a1d878-334b-4619-b9ec-633319a4ec7b');
INSERT INTO "collections" VALUES(8,'b28dc893-cc83-4e79-ad74-7b11e10a67c5','2026-11-26T18:22:59.398390+00:00','2026-11-26T18:22:59.398390+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','schema_metadata','99fbca28-af60-4de7-aad4-6df245dac9a0');
INSERT INTO "collections" VALUES(9,'747184dd-3ad4-47b2-8e98-165784b8fe8f','2026-11-26T18:22:59.398564+00:00','2026-11-26T18:22:59.398564+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','custom_tools','72a29a84-5807-408f-8947-13fc4bff9245');
INSERT INTO "collections" VALUES(10,'75afc16a-4cd3-43ea-8681-2025298d01f2','2026-11-26T18:22:59.398840+00:00','2026-11-26T18:22:59.398840+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','feedback','37a2e6b5-31c5-4322-a1a2-94beef55cd0d');
CREATE TABLE connectors (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
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
INSERT INTO "connectors" VALUES(1,'d361cc90-fe54-4ab7-a05c-1d0c73844867','2026-11-26T18:22:59.396358+00:00','2026-11-26T18:22:59.396358+00:00','5846d071-9504-424f-9a20-7b96f53995d9','Datenbank Ü',NULL,'sqlite',NULL,NULL,NULL,'/tmp/läden.sqlite3','{"role": "x"}','1d845af8-2025-4b4f-a74f-e78ad9be4df4');
INSERT INTO "connectors" VALUES(2,'a6f48354-f1ca-4a51-b63f-8d5612263e88','2026-11-26T18:22:59.396521+00:00','2026-11-26T18:22:59.396521+00:00','5846d071-9504-424f-9a20-7b96f53995d9','pg','d','postgres','h',5432,'u','db',NULL,'1d845af8-2025-4b4f-a74f-e78ad9be4df4');
INSERT INTO "connectors" VALUES(3,'0da45d24-7b40-4a8d-8672-cb50c5e28ffb','2026-11-26T18:22:59.398159+00:00','2026-11-26T18:22:59.398159+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','Datenbank Ü',NULL,'sqlite',NULL,NULL,NULL,'/tmp/läden.sqlite3','{"role": "x"}','43d9213f-9057-409a-acfd-f4823587a84b');
INSERT INTO "connectors" VALUES(4,'bf7dfdda-d785-4c86-a4db-1efe6df02dbb','2026-11-26T18:22:59.398187+00:00','2026-11-26T18:22:59.398187+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','pg','d','postgres','h',5432,'u','db',NULL,'43d9213f-9057-409a-acfd-f4823587a84b');
CREATE TABLE contexts (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    description TEXT,
    is_always_displayed INTEGER NOT NULL,
    h2ogpte_doc_id TEXT NOT NULL,
    collection_id TEXT NOT NULL
);
INSERT INTO "contexts" VALUES(1,'0a364130-e198-4427-8fb5-1fbf9c14179f','2026-11-26T18:22:59.396560+00:00','2026-11-26T18:22:59.396560+00:00','5846d071-9504-424f-9a20-7b96f53995d9','Aktive Käufer','Active customers are customers with status = ''active''',NULL,0,'402636d5-d8ea-4575-bd7b-9242b9572424','6247433d-a0c5-470e-b992-d01f0e863b56');
INSERT INTO "contexts" VALUES(2,'8315e2ee-c8e5-4351-8882-b91acb34b506','2026-11-26T18:22:59.396714+00:00','2026-11-26T18:22:59.396714+00:00','5846d071-9504-424f-9a20-7b96f53995d9','顧客','顧客テーブルの説明','日本語',1,'a437f696-7375-4a1e-9501-ed9f5484caaa','6247433d-a0c5-470e-b992-d01f0e863b56');
INSERT INTO "contexts" VALUES(3,'27966944-d64a-4e1f-9f21-7f8525c24936','2026-11-26T18:22:59.398209+00:00','2026-11-26T18:22:59.398209+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','Aktive Käufer','Active customers are customers with status = ''active''',NULL,0,'fe558e7b-6c5f-4b87-89d4-7cb0e5f8d831','d7f304e5-eeca-4824-b09f-1760750d159c');
INSERT INTO "contexts" VALUES(4,'95039f18-0c2e-4580-8574-33c89cc849df','2026-11-26T18:22:59.398261+00:00','2026-11-26T18:22:59.398261+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','顧客','顧客テーブルの説明','日本語',1,'dc3ee3b2-6457-49ca-b75d-950bdced9825','d7f304e5-eeca-4824-b09f-1760750d159c');
CREATE VIRTUAL TABLE contexts_words USING fts5 (
    terms, detail = none, columnsize = 0, tokenize = "ascii tokenchars ':='"
);
INSERT INTO "contexts_words" (rowid, terms) VALUES(1,'5846d071: 5846d071:aktiv 5846d071:käufer 5846d071:activ 5846d071:customer 5846d071:status');
INSERT INTO "contexts_words" (rowid, terms) VALUES(2,'5846d071: 5846d071:顧客 5846d071:客テ 5846d071:テー 5846d071:ーブ 5846d071:ブル 5846d071:ルの 5846d071:の説 5846d071:説明');
INSERT INTO "contexts_words" (rowid, terms) VALUES(3,'48e3afd0: 48e3afd0:aktiv 48e3afd0:käufer 48e3afd0:activ 48e3afd0:customer 48e3afd0:status');
INSERT INTO "contexts_words" (rowid, terms) VALUES(4,'48e3afd0: 48e3afd0:顧客 48e3afd0:客テ 48e3afd0:テー 48e3afd0:ーブ 48e3afd0:ブル 48e3afd0:ルの 48e3afd0:の説 48e3afd0:説明');
CREATE TABLE custom_tool_documents (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    custom_tool_id TEXT NOT NULL REFERENCES custom_tools (id) ON DELETE CASCADE,
    filename TEXT NOT NULL,
    h2ogpte_doc_id TEXT NOT NULL
);
INSERT INTO "custom_tool_documents" VALUES(1,'eafbc605-cd93-4e98-906e-87934fceb0dc','2026-11-26T18:22:59.397154+00:00','2026-11-26T18:22:59.397155+00:00','e0b9e360-5476-4539-a023-a05b4403c8dc','größe0.py','0e1a933b-2ab5-46dd-a8ee-179ff8ba658d');
INSERT INTO "custom_tool_documents" VALUES(2,'ef3ba24a-e7b1-430f-802a-38ff37260a0e','2026-11-26T18:22:59.397184+00:00','2026-11-26T18:22:59.397186+00:00','e0b9e360-5476-4539-a023-a05b4403c8dc','größe1.py','df0bd1d8-9294-4d80-963f-bdb3a3bf6350');
INSERT INTO "custom_tool_documents" VALUES(3,'ca1ee08b-48b1-415d-ae8f-c6f6fdcbfd79','2026-11-26T18:22:59.398588+00:00','2026-11-26T18:22:59.398590+00:00','6d249cea-36dd-49f1-8f78-cb24ca453312','größe0.py','51c240fc-6d89-49d3-b8c9-a8f6e607586c');
INSERT INTO "custom_tool_documents" VALUES(4,'8e3055ef-360c-4e6f-862c-6fbf4687de1b','2026-11-26T18:22:59.398612+00:00','2026-11-26T18:22:59.398613+00:00','6d249cea-36dd-49f1-8f78-cb24ca453312','größe1.py','f5ae8479-101d-4efa-b8f8-1998fecb4ded');
CREATE TABLE custom_tools (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    h2ogpte_collection_id TEXT NOT NULL
);
INSERT INTO "custom_tools" VALUES(1,'e0b9e360-5476-4539-a023-a05b4403c8dc','2026-11-26T18:22:59.397094+00:00','2026-11-26T18:22:59.397094+00:00','5846d071-9504-424f-9a20-7b96f53995d9','Werkzeug','für alles','250c037f-fa8c-4b9f-aeef-e0490f3ff851');
INSERT INTO "custom_tools" VALUES(2,'6d249cea-36dd-49f1-8f78-cb24ca453312','2026-11-26T18:22:59.398538+00:00','2026-11-26T18:22:59.398538+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','Werkzeug','für alles','a901299c-b8f9-42e2-97bf-459c0207cb7a');
CREATE TABLE executions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    connector_id TEXT NOT NULL,
    chat_message_id TEXT REFERENCES chat_messages (id) ON DELETE CASCADE,
    h2ogpte_session_id TEXT,
    sql_query TEXT NOT NULL,
    execution_time_ms INTEGER NOT NULL,
    is_successful INTEGER NOT NULL,
    error TEXT,
    result TEXT
);
INSERT INTO "executions" VALUES(1,'29d8d816-e3c6-45e0-8fbb-ac66b7198d9c','2026-11-26T18:22:59.397526+00:00','2026-11-26T18:22:59.397526+00:00','5846d071-9504-424f-9a20-7b96f53995d9','d361cc90-fe54-4ab7-a05c-1d0c73844867','cb2a2fbb-4398-45c5-9506-0debd6b1dad5','eb62ecbf-4b11-48a7-9824-b2514e59995c','SELECT 1',3,1,NULL,'{"columns": ["\u00e4"], "data": [["\u00e4"], ["1"]], "rowCount": 1}');
INSERT INTO "executions" VALUES(2,'9ba0eb0a-8bd6-4ba0-ab51-92a667cc050e','2026-11-26T18:22:59.397766+00:00','2026-11-26T18:22:59.397766+00:00','5846d071-9504-424f-9a20-7b96f53995d9','d361cc90-fe54-4ab7-a05c-1d0c73844867','5475c8d9-4dd0-48db-9d2a-286267104af1','eb62ecbf-4b11-48a7-9824-b2514e59995c','SELECT 1',3,1,NULL,'{"columns": ["\u00e4"], "data": [["\u00e4"], ["1"]], "rowCount": 1}');
INSERT INTO "executions" VALUES(3,'a8952e5c-42ca-4057-9b35-12a2488208d3','2026-11-26T18:22:59.397932+00:00','2026-11-26T18:22:59.397932+00:00','5846d071-9504-424f-9a20-7b96f53995d9','d361cc90-fe54-4ab7-a05c-1d0c73844867','3920fa8e-4992-47d0-96c3-6c2d3b30319e','eb62ecbf-4b11-48a7-9824-b2514e59995c','SELECT 1',3,1,NULL,'{"columns": ["\u00e4"], "data": [["\u00e4"], ["1"]], "rowCount": 1}');
INSERT INTO "executions" VALUES(4,'25a95e50-35c4-435f-8972-107e19b333a5','2026-11-26T18:22:59.398021+00:00','2026-11-26T18:22:59.398021+00:00','5846d071-9504-424f-9a20-7b96f53995d9','d361cc90-fe54-4ab7-a05c-1d0c73844867','6e868b1c-5499-45d9-8ebd-987df0edcf9b','eb62ecbf-4b11-48a7-9824-b2514e59995c','SELECT 1',3,0,'kaputt',NULL);
INSERT INTO "executions" VALUES(5,'26e531b5-0dfe-431e-827e-a1195569d4fa','2026-11-26T18:22:59.398083+00:00','2026-11-26T18:22:59.398084+00:00','5846d071-9504-424f-9a20-7b96f53995d9','d361cc90-fe54-4ab7-a05c-1d0c73844867',NULL,NULL,'SELECT 2',1,1,NULL,NULL);
INSERT INTO "executions" VALUES(6,'57cb3d87-423d-4210-9a5d-a2cb0532a915','2026-11-26T18:22:59.398792+00:00','2026-11-26T18:22:59.398792+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','0da45d24-7b40-4a8d-8672-cb50c5e28ffb','f6f0605c-cc61-426b-8e8b-6391be8c8a4d','590d9418-3d18-46ca-b936-2e6c1ca76bb5','SELECT 1',3,1,NULL,'{"columns": ["\u00e4"], "data": [["\u00e4"], ["1"]], "rowCount": 1}');
INSERT INTO "executions" VALUES(7,'7004eb1f-186a-495f-9d58-b5773abf7ffe','2026-11-26T18:22:59.398980+00:00','2026-11-26T18:22:59.398980+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','0da45d24-7b40-4a8d-8672-cb50c5e28ffb','e69bc4b4-544e-4ac5-a669-bd91cb4fde48','590d9418-3d18-46ca-b936-2e6c1ca76bb5','SELECT 1',3,1,NULL,'{"columns": ["\u00e4"], "data": [["\u00e4"], ["1"]], "rowCount": 1}');
INSERT INTO "executions" VALUES(8,'9f3b3834-6d5d-48c0-8a38-8e2433ad3b87','2026-11-26T18:22:59.399141+00:00','2026-11-26T18:22:59.399141+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','0da45d24-7b40-4a8d-8672-cb50c5e28ffb','1629ae97-f3f1-4e22-b53b-12072f4e3a08','590d9418-3d18-46ca-b936-2e6c1ca76bb5','SELECT 1',3,1,NULL,'{"columns": ["\u00e4"], "data": [["\u00e4"], ["1"]], "rowCount": 1}');
INSERT INTO "executions" VALUES(9,'7a988db8-ad6f-4e34-a1a0-0edc1e6fd047','2026-11-26T18:22:59.399293+00:00','2026-11-26T18:22:59.399293+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','0da45d24-7b40-4a8d-8672-cb50c5e28ffb','c72f77f4-854d-44d6-b5e9-94e72b657aa7','590d9418-3d18-46ca-b936-2e6c1ca76bb5','SELECT 1',3,0,'kaputt',NULL);
INSERT INTO "executions" VALUES(10,'03daab62-4a9b-4afc-9788-36e860a9a1a5','2026-11-26T18:22:59.399367+00:00','2026-11-26T18:22:59.399368+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','0da45d24-7b40-4a8d-8672-cb50c5e28ffb',NULL,NULL,'SELECT 2',1,1,NULL,NULL);
CREATE VIRTUAL TABLE executions_words USING fts5 (
    terms, detail = none, columnsize = 0, tokenize = "ascii tokenchars ':='"
);
INSERT INTO "executions_words" (rowid, terms) VALUES(1,'d361cc90: d361cc90:count d361cc90:customer');
INSERT INTO "executions_words" (rowid, terms) VALUES(2,'d361cc90: d361cc90:wie d361cc90:viele d361cc90:grösste d361cc90:käufer');
INSERT INTO "executions_words" (rowid, terms) VALUES(3,'d361cc90: d361cc90:顧客 d361cc90:客は d361cc90:は何 d361cc90:何人 d361cc90:人で d361cc90:です d361cc90:すか');
INSERT INTO "executions_words" (rowid, terms) VALUES(6,'0da45d24: 0da45d24:count 0da45d24:customer');
INSERT INTO "executions_words" (rowid, terms) VALUES(7,'0da45d24: 0da45d24:wie 0da45d24:viele 0da45d24:grösste 0da45d24:käufer');
INSERT INTO "executions_words" (rowid, terms) VALUES(8,'0da45d24: 0da45d24:顧客 0da45d24:客は 0da45d24:は何 0da45d24:何人 0da45d24:人で 0da45d24:です 0da45d24:すか');
CREATE TABLE feedback (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    chat_message_id TEXT NOT NULL REFERENCES chat_messages (id) ON DELETE CASCADE,
    feedback TEXT NOT NULL,
    is_positive INTEGER NOT NULL,
    execution_id TEXT REFERENCES executions (id) ON DELETE SET NULL,
    h2ogpte_doc_id TEXT NOT NULL,
    collection_id TEXT NOT NULL
);
INSERT INTO "feedback" VALUES(1,'112975ff-a00a-455e-9b60-0ed351c39a51','2026-11-26T18:22:59.397589+00:00','2026-11-26T18:22:59.397589+00:00','5846d071-9504-424f-9a20-7b96f53995d9','cb2a2fbb-4398-45c5-9506-0debd6b1dad5','schön',0,'29d8d816-e3c6-45e0-8fbb-ac66b7198d9c','c7fd3450-c30a-4f29-a284-0c8f10a84512','387ce28a-cc7a-401a-bab6-d2f7d3b0ee02');
INSERT INTO "feedback" VALUES(2,'2d885c5d-e133-4258-9ee0-0be8c45a3514','2026-11-26T18:22:59.397669+00:00','2026-11-26T18:22:59.397669+00:00','5846d071-9504-424f-9a20-7b96f53995d9','cb2a2fbb-4398-45c5-9506-0debd6b1dad5','Прекрасно',1,'29d8d816-e3c6-45e0-8fbb-ac66b7198d9c','8ee9d6b1-2205-4b47-a9c5-63050cad11e5','387ce28a-cc7a-401a-bab6-d2f7d3b0ee02');
INSERT INTO "feedback" VALUES(3,'01d29bde-b076-4326-963e-5383dc518aae','2026-11-26T18:22:59.397707+00:00','2026-11-26T18:22:59.397707+00:00','5846d071-9504-424f-9a20-7b96f53995d9','cb2a2fbb-4398-45c5-9506-0debd6b1dad5','👍',1,NULL,'d9e1c44e-32c4-4550-b163-82e22bbacbfc','387ce28a-cc7a-401a-bab6-d2f7d3b0ee02');
INSERT INTO "feedback" VALUES(4,'565824e4-6fcd-4b76-8409-3dad3d39ec54','2026-11-26T18:22:59.397806+00:00','2026-11-26T18:22:59.397806+00:00','5846d071-9504-424f-9a20-7b96f53995d9','5475c8d9-4dd0-48db-9d2a-286267104af1','schön',0,'9ba0eb0a-8bd6-4ba0-ab51-92a667cc050e','145cf48c-2400-4cd9-a9e9-a2fd917d5d30','387ce28a-cc7a-401a-bab6-d2f7d3b0ee02');
INSERT INTO "feedback" VALUES(5,'34ee7353-9def-49ba-9b51-45ed3be210ca','2026-11-26T18:22:59.397843+00:00','2026-11-26T18:22:59.397843+00:00','5846d071-9504-424f-9a20-7b96f53995d9','5475c8d9-4dd0-48db-9d2a-286267104af1','Прекрасно',1,'9ba0eb0a-8bd6-4ba0-ab51-92a667cc050e','ae7927d8-d35a-4d53-b8bb-767314a0fd40','387ce28a-cc7a-401a-bab6-d2f7d3b0ee02');
INSERT INTO "feedback" VALUES(6,'773924f6-36c7-4d27-b5e8-706ea700540f','2026-11-26T18:22:59.397877+00:00','2026-11-26T18:22:59.397877+00:00','5846d071-9504-424f-9a20-7b96f53995d9','5475c8d9-4dd0-48db-9d2a-286267104af1','👍',1,NULL,'a132a109-7f48-45a2-86d1-771f408ae36d','387ce28a-cc7a-401a-bab6-d2f7d3b0ee02');
INSERT INTO "feedback" VALUES(7,'b94f84a7-2616-4ccb-a6bf-06fac63f2b7b','2026-11-26T18:22:59.397964+00:00','2026-11-26T18:22:59.397964+00:00','5846d071-9504-424f-9a20-7b96f53995d9','3920fa8e-4992-47d0-96c3-6c2d3b30319e','👍',1,NULL,'d0436fea-3c75-426a-b665-6ab7c81ad010','387ce28a-cc7a-401a-bab6-d2f7d3b0ee02');
INSERT INTO "feedback" VALUES(8,'91c743cd-40ab-47b6-ba40-3782e6bc3ed1','2026-11-26T18:22:59.398050+00:00','2026-11-26T18:22:59.398050+00:00','5846d071-9504-424f-9a20-7b96f53995d9','6e868b1c-5499-45d9-8ebd-987df0edcf9b','👍',0,NULL,'059bf7e4-c479-4047-9935-44a6f86ad000','387ce28a-cc7a-401a-bab6-d2f7d3b0ee02');
INSERT INTO "feedback" VALUES(9,'fccd515a-6de9-45bd-9136-7e311e4d23a2','2026-11-26T18:22:59.398828+00:00','2026-11-26T18:22:59.398828+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','f6f0605c-cc61-426b-8e8b-6391be8c8a4d','schön',0,'57cb3d87-423d-4210-9a5d-a2cb0532a915','aacfefe8-96a1-49d6-a620-500e26f5667a','75afc16a-4cd3-43ea-8681-2025298d01f2');
INSERT INTO "feedback" VALUES(10,'1e2eee66-ed5a-429c-8350-f9000a925f0a','2026-11-26T18:22:59.398892+00:00','2026-11-26T18:22:59.398892+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','f6f0605c-cc61-426b-8e8b-6391be8c8a4d','Прекрасно',1,'57cb3d87-423d-4210-9a5d-a2cb0532a915','52dfef83-fd83-49da-b755-2e57d77a6b60','75afc16a-4cd3-43ea-8681-2025298d01f2');
INSERT INTO "feedback" VALUES(11,'675bd504-f377-48e6-812b-a23738072de9','2026-11-26T18:22:59.398928+00:00','2026-11-26T18:22:59.398928+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','f6f0605c-cc61-426b-8e8b-6391be8c8a4d','👍',1,NULL,'e22cad89-9bc2-4d13-adf3-9becb21f218b','75afc16a-4cd3-43ea-8681-2025298d01f2');
INSERT INTO "feedback" VALUES(12,'06496e77-8096-4d57-a731-e3cd4ce198c7','2026-11-26T18:22:59.399015+00:00','2026-11-26T18:22:59.399015+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','e69bc4b4-544e-4ac5-a669-bd91cb4fde48','schön',0,'7004eb1f-186a-495f-9d58-b5773abf7ffe','bd83ad43-dc68-49f9-8298-1d051029eb9b','75afc16a-4cd3-43ea-8681-2025298d01f2');
INSERT INTO "feedback" VALUES(13,'fdd2e5ce-77fc-4962-b9ec-34fb92f2535e','2026-11-26T18:22:59.399050+00:00','2026-11-26T18:22:59.399050+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','e69bc4b4-544e-4ac5-a669-bd91cb4fde48','Прекрасно',1,'7004eb1f-186a-495f-9d58-b5773abf7ffe','f7894c5f-c442-466c-937f-38b5c5e08580','75afc16a-4cd3-43ea-8681-2025298d01f2');
INSERT INTO "feedback" VALUES(14,'c7b1d9b8-568e-4c26-9790-60a18a3b3879','2026-11-26T18:22:59.399088+00:00','2026-11-26T18:22:59.399088+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','e69bc4b4-544e-4ac5-a669-bd91cb4fde48','👍',1,NULL,'93940a75-3e6c-4c60-a2a6-1d3c84e4ff27','75afc16a-4cd3-43ea-8681-2025298d01f2');
INSERT INTO "feedback" VALUES(15,'6dc18b5b-f314-4716-a684-83b8dc558993','2026-11-26T18:22:59.399174+00:00','2026-11-26T18:22:59.399174+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','1629ae97-f3f1-4e22-b53b-12072f4e3a08','👍',1,NULL,'322e30a9-2487-40e1-9d9c-a742b7866181','75afc16a-4cd3-43ea-8681-2025298d01f2');
INSERT INTO "feedback" VALUES(16,'14577b2d-8289-4be5-a4b1-94d0f69f5f2c','2026-11-26T18:22:59.399325+00:00','2026-11-26T18:22:59.399325+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','c72f77f4-854d-44d6-b5e9-94e72b657aa7','👍',0,NULL,'3fb92d92-318a-47bb-bd73-efa279e27844','75afc16a-4cd3-43ea-8681-2025298d01f2');
CREATE TABLE golden_examples (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_query TEXT NOT NULL,
    sql_query TEXT NOT NULL,
    description TEXT,
    is_always_displayed INTEGER NOT NULL,
    h2ogpte_doc_id TEXT NOT NULL,
    collection_id TEXT NOT NULL
);
INSERT INTO "golden_examples" VALUES(1,'f8355093-6168-4f76-90ce-6551dff67756','2026-11-26T18:22:59.396753+00:00','2026-11-26T18:22:59.396753+00:00','5846d071-9504-424f-9a20-7b96f53995d9','How many customers are there?','SELECT count(*) FROM customers',NULL,0,'1d3a3342-7d06-424c-80ca-13ad2ec3a21a','88cc8b95-69af-4a85-bdf0-e984e4fd0bab');
INSERT INTO "golden_examples" VALUES(2,'203f0dbc-22bb-427b-876d-517f5fb852f1','2026-11-26T18:22:59.396818+00:00','2026-11-26T18:22:59.396818+00:00','5846d071-9504-424f-9a20-7b96f53995d9','Wie viele Käufer gibt es?','SELECT count(*) FROM customers','ä',1,'531fbbb2-6ff4-453b-a539-ad3d77640505','88cc8b95-69af-4a85-bdf0-e984e4fd0bab');
INSERT INTO "golden_examples" VALUES(3,'15b452dc-7a69-4e46-83f2-09295ada785d','2026-11-26T18:22:59.398288+00:00','2026-11-26T18:22:59.398288+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','How many customers are there?','SELECT count(*) FROM customers',NULL,0,'ef5147bc-59e9-4c6d-9fd3-4cd6d943e377','551c1b91-6e00-4046-a1fc-3ef5bb038e1d');
INSERT INTO "golden_examples" VALUES(4,'db6b7f55-bdcf-40f6-b2cb-ea95e6d2d456','2026-11-26T18:22:59.398335+00:00','2026-11-26T18:22:59.398335+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','Wie viele Käufer gibt es?','SELECT count(*) FROM customers','ä',1,'8ea976c6-053f-49c2-ab42-8a734a3ffb33','551c1b91-6e00-4046-a1fc-3ef5bb038e1d');
INSERT INTO "golden_examples" VALUES(5,'5c5f7e12-759c-43e4-94d7-bc828c67c1a8','2026-11-26T22:59:16.549159+00:00','2026-11-26T22:59:16.549159+00:00','5846d071-9504-424f-9a20-7b96f53995d9','Total revenue by month, but not in France','SELECT 1',NULL,0,'d6f90d53-eae0-4583-a467-9db266577667','88cc8b95-69af-4a85-bdf0-e984e4fd0bab');
CREATE VIRTUAL TABLE golden_examples_words USING fts5 (
    terms, detail = none, columnsize = 0, tokenize = "ascii tokenchars ':='"
);
INSERT INTO "golden_examples_words" (rowid, terms) VALUES(1,'5846d071: 5846d071:count 5846d071:customer');
INSERT INTO "golden_examples_words" (rowid, terms) VALUES(2,'5846d071: 5846d071:wie 5846d071:viele 5846d071:käufer 5846d071:gibt 5846d071:es');
INSERT INTO "golden_examples_words" (rowid, terms) VALUES(3,'48e3afd0: 48e3afd0:count 48e3afd0:customer');
INSERT INTO "golden_examples_words" (rowid, terms) VALUES(4,'48e3afd0: 48e3afd0:wie 48e3afd0:viele 48e3afd0:käufer 48e3afd0:gibt 48e3afd0:es');
INSERT INTO "golden_examples_words" (rowid, terms) VALUES(5,'5846d071: 5846d071:total 5846d071:sale 5846d071:by=month 5846d071:but 5846d071:not 5846d071:france');
CREATE TABLE projects (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    active_chat_preset_id TEXT
, is_deleted INTEGER NOT NULL DEFAULT 0);
INSERT INTO "projects" VALUES(1,'5846d071-9504-424f-9a20-7b96f53995d9','2026-11-26T18:22:59.396189+00:00','2026-11-26T18:22:59.397323+00:00','Läden — магазин 店','Ümläute ☃ 日本語','dbbcb1d8-92d9-4e05-b975-d8062cc25b00',0);
INSERT INTO "projects" VALUES(2,'48e3afd0-0f86-4826-949f-a9aed5e8a816','2026-11-26T18:22:59.398124+00:00','2026-11-26T18:22:59.398715+00:00','Second',NULL,'17844b89-81e2-4b55-8ade-069781aefb95',0);
CREATE TABLE prompt_templates (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    lang TEXT,
    system_prompt TEXT NOT NULL,
    is_builtin INTEGER NOT NULL,
    shared_with TEXT
);
INSERT INTO "prompt_templates" VALUES(1,'42d49fc3-a55e-4310-b89f-1424d5cd2e96','2026-11-26T18:22:59.397207+00:00','2026-11-26T18:22:59.397207+00:00','5846d071-9504-424f-9a20-7b96f53995d9','Vorlage','','de','Sei nett ☺',0,'["a@b"]');
INSERT INTO "prompt_templates" VALUES(2,'1be200c4-9453-4c59-a8e6-4cec6056a78c','2026-11-26T18:22:59.398633+00:00','2026-11-26T18:22:59.398633+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','Vorlage','','de','Sei nett ☺',0,'["a@b"]');
CREATE VIRTUAL TABLE rated_words USING fts5 (
    terms, detail = none, columnsize = 0, tokenize = "ascii tokenchars ':='"
);
INSERT INTO "rated_words" (rowid, terms) VALUES(1,'5846d071: 5846d071:count 5846d071:customer');
INSERT INTO "rated_words" (rowid, terms) VALUES(2,'5846d071: 5846d071:wie 5846d071:viele 5846d071:grösste 5846d071:käufer');
INSERT INTO "rated_words" (rowid, terms) VALUES(3,'5846d071: 5846d071:顧客 5846d071:客は 5846d071:は何 5846d071:何人 5846d071:人で 5846d071:です 5846d071:すか');
INSERT INTO "rated_words" (rowid, terms) VALUES(4,'5846d071: 5846d071:broken');
INSERT INTO "rated_words" (rowid, terms) VALUES(5,'48e3afd0: 48e3afd0:count 48e3afd0:customer');
INSERT INTO "rated_words" (rowid, terms) VALUES(6,'48e3afd0: 48e3afd0:wie 48e3afd0:viele 48e3afd0:grösste 48e3afd0:käufer');
INSERT INTO "rated_words" (rowid, terms) VALUES(7,'48e3afd0: 48e3afd0:顧客 48e3afd0:客は 48e3afd0:は何 48e3afd0:何人 48e3afd0:人で 48e3afd0:です 48e3afd0:すか');
INSERT INTO "rated_words" (rowid, terms) VALUES(8,'48e3afd0: 48e3afd0:broken');
CREATE TABLE schema_metadata (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    schema_data TEXT NOT NULL,
    description TEXT,
    is_always_displayed INTEGER NOT NULL,
    split_group_id TEXT,
    split_index INTEGER,
    total_splits INTEGER,
    h2ogpte_doc_id TEXT NOT NULL,
    collection_id TEXT NOT NULL
);
INSERT INTO "schema_metadata" VALUES(1,'7504fd2b-fed1-46be-a91f-a86759e539b3','2026-11-26T18:22:59.396876+00:00','2026-11-26T18:22:59.396876+00:00','5846d071-9504-424f-9a20-7b96f53995d9','customers','{"table": {"name": "customers", "columns": [{"name": "column0", "type": "text"}, {"name": "column1", "type": "text"}, {"name": "column2", "type": "text"}, {"name": "column3", "type": "text"}, {"name": "column4", "type": "text"}, {"name": "column5", "type": "text"}, {"name": "column6", "type": "text"}, {"name": "column7", "type": "text"}]}}',NULL,0,'82d83ac9-98a3-4caa-8b04-3b3dcd710b27',1,2,'5fc9dc53-e6e7-45cb-9857-be71dd4514bd','0f6e8595-4cf6-4ec3-9ab5-11a37e9febe8');
INSERT INTO "schema_metadata" VALUES(2,'06b0219f-bdb9-4c1a-9b95-72717665497f','2026-11-26T18:22:59.396945+00:00','2026-11-26T18:22:59.396945+00:00','5846d071-9504-424f-9a20-7b96f53995d9','customers','{"table": {"name": "customers", "columns": [{"name": "column8", "type": "text"}, {"name": "stra\u00dfe", "type": "text"}]}}',NULL,0,'82d83ac9-98a3-4caa-8b04-3b3dcd710b27',2,2,'29c959f0-181c-4bdb-b837-20018243701e','0f6e8595-4cf6-4ec3-9ab5-11a37e9febe8');
INSERT INTO "schema_metadata" VALUES(3,'4d33344b-980f-4340-ab4e-6d8ebc712ead','2026-11-26T18:22:59.397015+00:00','2026-11-26T18:22:59.397015+00:00','5846d071-9504-424f-9a20-7b96f53995d9','orders','{"table": {"name": "orders", "columns": [{"name": "id", "type": "integer"}, {"name": "customerId", "type": "integer"}]}}','Bestellungen',0,NULL,NULL,NULL,'c96cf1e4-858a-479b-bdc5-e673ad34221f','0f6e8595-4cf6-4ec3-9ab5-11a37e9febe8');
INSERT INTO "schema_metadata" VALUES(4,'54e92f41-23b4-4d4b-97e0-2087198a4c4e','2026-11-26T18:22:59.397057+00:00','2026-11-26T18:22:59.397057+00:00','5846d071-9504-424f-9a20-7b96f53995d9','rel','{"relationship": {"from_table": "orders", "from_column": "customerId", "to_table": "customers", "to_column": "id"}}',NULL,1,NULL,NULL,NULL,'b561b32e-25a8-4cbb-bccf-d30b8ec6a874','0f6e8595-4cf6-4ec3-9ab5-11a37e9febe8');
INSERT INTO "schema_metadata" VALUES(5,'dfb127bc-7a40-4310-ac95-24fea5e4eb44','2026-11-26T18:22:59.398378+00:00','2026-11-26T18:22:59.398378+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','customers','{"table": {"name": "customers", "columns": [{"name": "column0", "type": "text"}, {"name": "column1", "type": "text"}, {"name": "column2", "type": "text"}, {"name": "column3", "type": "text"}, {"name": "column4", "type": "text"}, {"name": "column5", "type": "text"}, {"name": "column6", "type": "text"}, {"name": "column7", "type": "text"}]}}',NULL,0,'6595b2ab-ffce-4d31-a8b9-5161dcd8a705',1,2,'93617983-fef4-4c98-a0fd-d060cf3ad641','b28dc893-cc83-4e79-ad74-7b11e10a67c5');
INSERT INTO "schema_metadata" VALUES(6,'e1d928d4-efc3-4f4d-9f3b-a4f2c8f25137','2026-11-26T18:22:59.398414+00:00','2026-11-26T18:22:59.398414+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','customers','{"table": {"name": "customers", "columns": [{"name": "column8", "type": "text"}, {"name": "stra\u00dfe", "type": "text"}]}}',NULL,0,'6595b2ab-ffce-4d31-a8b9-5161dcd8a705',2,2,'f80beea9-c6aa-4208-8802-777b89142bcf','b28dc893-cc83-4e79-ad74-7b11e10a67c5');
INSERT INTO "schema_metadata" VALUES(7,'f57bdd99-aab2-48db-a77b-230c31abf5fd','2026-11-26T18:22:59.398468+00:00','2026-11-26T18:22:59.398468+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','orders','{"table": {"name": "orders", "columns": [{"name": "id", "type": "integer"}, {"name": "customerId", "type": "integer"}]}}','Bestellungen',0,NULL,NULL,NULL,'302f4dd8-fed4-473e-86ff-9711dbe158ec','b28dc893-cc83-4e79-ad74-7b11e10a67c5');
INSERT INTO "schema_metadata" VALUES(8,'65eaf5f3-419b-4ec6-8e37-669967b99e48','2026-11-26T18:22:59.398505+00:00','2026-11-26T18:22:59.398505+00:00','48e3afd0-0f86-4826-949f-a9aed5e8a816','rel','{"relationship": {"from_table": "orders", "from_column": "customerId", "to_table": "customers", "to_column": "id"}}',NULL,1,NULL,NULL,NULL,'d276e7e0-1f69-460e-9842-bc2e8d2ab452','b28dc893-cc83-4e79-ad74-7b11e10a67c5');
CREATE VIRTUAL TABLE schema_metadata_words USING fts5 (
    terms, detail = none, columnsize = 0, tokenize = "ascii tokenchars ':='"
);
INSERT INTO "schema_metadata_words" (rowid, terms) VALUES(1,'5846d071: 5846d071:is=customer 5846d071:customer 5846d071:text 5846d071:column7 5846d071:column 5846d071:7 5846d071:column6 5846d071:6 5846d071:column5 5846d071:5 5846d071:column4 5846d071:4 5846d071:column3 5846d071:3 5846d071:column2 5846d071:2 5846d071:column1 5846d071:1 5846d071:column0 5846d071:0');
INSERT INTO "schema_metadata_words" (rowid, terms) VALUES(2,'5846d071: 5846d071:is=customer 5846d071:customer 5846d071:text 5846d071:strass 5846d071:column8 5846d071:column 5846d071:8');
INSERT INTO "schema_metadata_words" (rowid, terms) VALUES(3,'5846d071: 5846d071:is=order 5846d071:to=customer 5846d071:order 5846d071:bestellungen 5846d071:integer 5846d071:customerid 5846d071:customer 5846d071:id');
INSERT INTO "schema_metadata_words" (rowid, terms) VALUES(4,'5846d071: 5846d071:to=customer 5846d071:to=order 5846d071:rel 5846d071:id 5846d071:customer 5846d071:customerid 5846d071:order');
INSERT INTO "schema_metadata_words" (rowid, terms) VALUES(5,'48e3afd0: 48e3afd0:is=customer 48e3afd0:customer 48e3afd0:text 48e3afd0:column7 48e3afd0:column 48e3afd0:7 48e3afd0:column6 48e3afd0:6 48e3afd0:column5 48e3afd0:5 48e3afd0:column4 48e3afd0:4 48e3afd0:column3 48e3afd0:3 48e3afd0:column2 48e3afd0:2 48e3afd0:column1 48e3afd0:1 48e3afd0:column0 48e3afd0:0');
INSERT INTO "schema_metadata_words" (rowid, terms) VALUES(6,'48e3afd0: 48e3afd0:is=customer 48e3afd0:customer 48e3afd0:text 48e3afd0:strass 48e3afd0:column8 48e3afd0:column 48e3afd0:8');
INSERT INTO "schema_metadata_words" (rowid, terms) VALUES(7,'48e3afd0: 48e3afd0:is=order 48e3afd0:to=customer 48e3afd0:order 48e3afd0:bestellungen 48e3afd0:integer 48e3afd0:customerid 48e3afd0:customer 48e3afd0:id');
INSERT INTO "schema_metadata_words" (rowid, terms) VALUES(8,'48e3afd0: 48e3afd0:to=customer 48e3afd0:to=order 48e3afd0:rel 48e3afd0:id 48e3afd0:customer 48e3afd0:customerid 48e3afd0:order');
CREATE TABLE secrets (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    value TEXT NOT NULL
, target TEXT) WITHOUT ROWID;
INSERT INTO "secrets" VALUES('1d845af8-2025-4b4f-a74f-e78ad9be4df4','5846d071-9504-424f-9a20-7b96f53995d9','s3cret-ä','ziel-ä');
INSERT INTO "secrets" VALUES('43d9213f-9057-409a-acfd-f4823587a84b','48e3afd0-0f86-4826-949f-a9aed5e8a816','s3cret-ä','ziel-ä');
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "settings" VALUES('access_token','token-of-version-1');
CREATE TABLE unindexed (name TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (name, seq)) WITHOUT ROWID;
CREATE INDEX chat_messages_by_project ON chat_messages (project_id);
CREATE INDEX chat_presets_by_connector ON chat_presets (connector_id) WHERE connector_id IS NOT NULL;
CREATE INDEX chat_presets_by_project ON chat_presets (project_id);
CREATE INDEX chat_presets_by_template ON chat_presets (prompt_template_id) WHERE prompt_template_id IS NOT NULL;
CREATE INDEX chat_sessions_by_project ON chat_sessions (project_id);
CREATE INDEX chat_sessions_by_tool ON chat_sessions (custom_tool_id) WHERE custom_tool_id IS NOT NULL;
CREATE INDEX connectors_by_project ON connectors (project_id);
CREATE INDEX contexts_by_display ON contexts (project_id, is_always_displayed);
CREATE INDEX contexts_by_project ON contexts (project_id);
CREATE INDEX custom_tool_documents_by_tool ON custom_tool_documents (custom_tool_id);
CREATE INDEX custom_tools_by_project ON custom_tools (project_id);
CREATE INDEX executions_by_connector ON executions (connector_id, project_id);
CREATE INDEX executions_by_message ON executions (chat_message_id, project_id);
CREATE INDEX executions_by_project ON executions (project_id);
CREATE INDEX feedback_by_execution ON feedback (execution_id) WHERE execution_id IS NOT NULL;
CREATE INDEX feedback_by_message ON feedback (chat_message_id);
CREATE INDEX feedback_by_project ON feedback (project_id);
CREATE INDEX golden_examples_by_display ON golden_examples (project_id, is_always_displayed);
CREATE INDEX golden_examples_by_project ON golden_examples (project_id);
CREATE INDEX projects_deleted ON projects (is_deleted) WHERE is_deleted;
CREATE INDEX prompt_templates_by_project ON prompt_templates (project_id);
CREATE INDEX schema_metadata_by_display ON schema_metadata (project_id, is_always_displayed);
CREATE INDEX schema_metadata_by_group ON schema_metadata (split_group_id, split_index)
    WHERE split_group_id IS NOT NULL;
CREATE INDEX schema_metadata_by_project ON schema_metadata (project_id);
CREATE INDEX secrets_by_project ON secrets (project_id);
CREATE TRIGGER contexts_words_delete AFTER DELETE ON contexts BEGIN
    DELETE FROM contexts_words WHERE rowid = old.seq;
    DELETE FROM unindexed WHERE name = 'contexts_words' AND seq = old.seq;
END;
CREATE TRIGGER contexts_words_insert AFTER INSERT ON contexts BEGIN
    INSERT OR IGNORE INTO unindexed (name, seq) VALUES ('contexts_words', new.seq);
END;
CREATE TRIGGER contexts_words_update AFTER UPDATE OF name, content ON contexts BEGIN
    INSERT OR IGNORE INTO unindexed (name, seq) VALUES ('contexts_words', new.seq);
END;
CREATE TRIGGER executions_words_delete AFTER DELETE ON executions BEGIN
    DELETE FROM executions_words WHERE rowid = old.seq;
    DELETE FROM unindexed WHERE name = 'executions_words' AND seq = old.seq;
END;
CREATE TRIGGER executions_words_insert AFTER INSERT ON executions
WHEN new.is_successful AND new.chat_message_id IS NOT NULL BEGIN
    INSERT OR IGNORE INTO unindexed (name, seq) VALUES ('executions_words', new.seq);
END;
CREATE TRIGGER golden_examples_words_delete AFTER DELETE ON golden_examples BEGIN
    DELETE FROM golden_examples_words WHERE rowid = old.seq;
    DELETE FROM unindexed WHERE name = 'golden_examples_words' AND seq = old.seq;
END;
CREATE TRIGGER golden_examples_words_insert AFTER INSERT ON golden_examples BEGIN
    INSERT OR IGNORE INTO unindexed (name, seq) VALUES ('golden_examples_words', new.seq);
END;
CREATE TRIGGER golden_examples_words_update AFTER UPDATE OF user_query ON golden_examples BEGIN
    INSERT OR IGNORE INTO unindexed (name, seq) VALUES ('golden_examples_words', new.seq);
END;
CREATE TRIGGER rated_words_delete AFTER DELETE ON chat_messages BEGIN
    DELETE FROM rated_words WHERE rowid = old.seq;
    DELETE FROM unindexed WHERE name = 'rated_words' AND seq = old.seq;
END;
CREATE TRIGGER rated_words_insert AFTER INSERT ON feedback BEGIN 
    INSERT OR IGNORE INTO unindexed (name, seq)
        SELECT 'rated_words', seq FROM chat_messages
        WHERE id IN (new.chat_message_id, (SELECT chat_message_id FROM executions WHERE id = new.execution_id))
        AND NOT EXISTS (SELECT 1 FROM rated_words WHERE rowid = seq);
 END;
CREATE TRIGGER rated_words_unrated AFTER DELETE ON feedback
WHEN NOT EXISTS (SELECT 1 FROM feedback WHERE chat_message_id = old.chat_message_id) BEGIN
    DELETE FROM rated_words WHERE rowid = (SELECT seq FROM chat_messages WHERE id = old.chat_message_id);
END;
CREATE TRIGGER rated_words_update AFTER UPDATE OF chat_message_id, execution_id ON feedback BEGIN 
    INSERT OR IGNORE INTO unindexed (name, seq)
        SELECT 'rated_words', seq FROM chat_messages
        WHERE id IN (new.chat_message_id, (SELECT chat_message_id FROM executions WHERE id = new.execution_id))
        AND NOT EXISTS (SELECT 1 FROM rated_words WHERE rowid = seq);
 END;
CREATE TRIGGER schema_metadata_words_delete AFTER DELETE ON schema_metadata BEGIN
    DELETE FROM schema_metadata_words WHERE rowid = old.seq;
    DELETE FROM unindexed WHERE name = 'schema_metadata_words' AND seq = old.seq;
END;
CREATE TRIGGER schema_metadata_words_insert AFTER INSERT ON schema_metadata BEGIN
    INSERT OR IGNORE INTO unindexed (name, seq) VALUES ('schema_metadata_words', new.seq);
END;
CREATE TRIGGER schema_metadata_words_update AFTER UPDATE OF name, description, schema_data ON schema_metadata BEGIN
    INSERT OR IGNORE INTO unindexed (name, seq) VALUES ('schema_metadata_words', new.seq);
END;
COMMIT;
