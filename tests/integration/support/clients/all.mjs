// All clients of the matrix.
import { anthropicMessages } from './anthropic_messages.mjs';
import { cohere } from './cohere.mjs';
import { gemini } from './gemini.mjs';
import { ollama } from './ollama.mjs';
import { openaiChat } from './openai_chat.mjs';
import { openaiResponses } from './openai_responses.mjs';

export const clients = [openaiChat, openaiResponses, anthropicMessages, gemini, ollama, cohere];
