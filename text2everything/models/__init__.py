"""The bodies of requests and replies, as attrs classes."""

from __future__ import annotations

from text2everything.models.base import UNSET, Model, Stored, Unset
from text2everything.models.chat import (
    AutoFeedbackConfig,
    CacheMatch,
    ChatRequest,
    ChatResponse,
    ChatToAnswerRequest,
    ChatToAnswerResponse,
    ExecutionCacheLookupRequest,
    ExecutionCacheLookupResponse,
)
from text2everything.models.chat_presets import (
    ChatPreset,
    ChatPresetCreate,
    ChatPresetResponse,
    ChatPresetUpdate,
    ChatSettings,
    PresetOptions,
    PromptTemplate,
    PromptTemplateCreate,
    PromptTemplatePage,
    PromptTemplateSpec,
    PromptTemplateUpdate,
)
from text2everything.models.chat_sessions import (
    ChatSessionCreate,
    ChatSessionQuestion,
    ChatSessionQuestionsResponse,
    ChatSessionResponse,
    ChatSessionUpdateRequest,
)
from text2everything.models.connectors import (
    ConnectionTest,
    Connector,
    ConnectorCreate,
    ConnectorType,
    ConnectorUpdate,
)
from text2everything.models.contexts import Context, ContextCreate, ContextResponse, ContextUpdate
from text2everything.models.custom_tools import (
    CustomTool,
    CustomToolCreate,
    CustomToolDocument,
    CustomToolUpdate,
)
from text2everything.models.executions import (
    Execution,
    ExecutionListItem,
    SQLExecuteRequest,
    SQLExecuteResponse,
)
from text2everything.models.feedback import Feedback, FeedbackCreate, FeedbackResponse, FeedbackUpdate
from text2everything.models.golden_examples import (
    GoldenExample,
    GoldenExampleCreate,
    GoldenExampleResponse,
    GoldenExampleUpdate,
)
from text2everything.models.projects import (
    BulkDeleteResult,
    Collection,
    DeleteResult,
    Project,
    ProjectCreate,
    ProjectUpdate,
)
from text2everything.models.schema_metadata import (
    SchemaMetadata,
    SchemaMetadataCreate,
    SchemaMetadataResponse,
    SchemaMetadataUpdate,
    SplitGroup,
)

__all__ = [
    "UNSET",
    "AutoFeedbackConfig",
    "BulkDeleteResult",
    "CacheMatch",
    "ChatPreset",
    "ChatPresetCreate",
    "ChatPresetResponse",
    "ChatPresetUpdate",
    "ChatRequest",
    "ChatResponse",
    "ChatSessionCreate",
    "ChatSessionQuestion",
    "ChatSessionQuestionsResponse",
    "ChatSessionResponse",
    "ChatSessionUpdateRequest",
    "ChatSettings",
    "ChatToAnswerRequest",
    "ChatToAnswerResponse",
    "Collection",
    "ConnectionTest",
    "Connector",
    "ConnectorCreate",
    "ConnectorType",
    "ConnectorUpdate",
    "Context",
    "ContextCreate",
    "ContextResponse",
    "ContextUpdate",
    "CustomTool",
    "CustomToolCreate",
    "CustomToolDocument",
    "CustomToolUpdate",
    "DeleteResult",
    "Execution",
    "ExecutionCacheLookupRequest",
    "ExecutionCacheLookupResponse",
    "ExecutionListItem",
    "Feedback",
    "FeedbackCreate",
    "FeedbackResponse",
    "FeedbackUpdate",
    "GoldenExample",
    "GoldenExampleCreate",
    "GoldenExampleResponse",
    "GoldenExampleUpdate",
    "Model",
    "PresetOptions",
    "Project",
    "ProjectCreate",
    "ProjectUpdate",
    "PromptTemplate",
    "PromptTemplateCreate",
    "PromptTemplatePage",
    "PromptTemplateSpec",
    "PromptTemplateUpdate",
    "SQLExecuteRequest",
    "SQLExecuteResponse",
    "SchemaMetadata",
    "SchemaMetadataCreate",
    "SchemaMetadataResponse",
    "SchemaMetadataUpdate",
    "SplitGroup",
    "Stored",
    "Unset",
]
