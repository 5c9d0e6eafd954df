// All stand-ins for providers, by the name of their wire format.
import { anthropicMessages } from './anthropic_messages.mjs';
import { bedrock } from './bedrock.mjs';
import { cohere } from './cohere.mjs';
import { gemini } from './gemini.mjs';
import { ollama } from './ollama.mjs';
import { openaiChat } from './openai_chat.mjs';
import { openaiResponses } from './openai_responses.mjs';

export const wires = Object.fromEntries([openaiChat, anthropicMessages, gemini, cohere, ollama, openaiResponses, bedrock].map((wire) => [wire.name, wire]));
