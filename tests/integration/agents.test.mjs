// Coding agents, unmodified, in front of Weir: one turn each without a terminal, in which the model calls a tool of the agent's
// that reads a file, and says what was in it. Behind Weir stands-in models of the agent's own format and of others.
// `make agents` fetches them (they are large); without them, or without one of them, that is said and skipped.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { models } from './support/matrix_cells.mjs';
import { Child, Weir, createKey, root, suiteScope, tempDir } from './support/process.mjs';
import { wires } from './support/standins/all.mjs';
import { StandIn } from './support/standins/server.mjs';

// Every model has a name of Weir's own: Gemini CLI takes some of Google's names for others.
const ownName = ({ format }) => `${format}-model`;

const folder = process.env.WEIR_AGENTS ?? join(root, 'build/agents');
const scope = suiteScope();
const standIns = {};
let weir;
let key;
before(async () => {
  if (!existsSync(folder)) return;
  for (const { format } of models) standIns[format] = await StandIn.start(scope, wires[format], { own: false });
  const data = tempDir(scope);
  key = createKey(data, ['--name', 'agents']).key;
  weir = await Weir.start(scope, { data, config: {
    providers: models.map(({ format, kind, more }) => ({ id: format, kind, url: standIns[format].url, api_key: 'standin-key', zone: 'cloud', health_check: false, discover: false, ...more })),
    models: models.map((model) => ({ id: ownName(model), provider: model.format, name: model.name, context_length: 200_000, max_output: 32_000 })),
    routes: [{ name: 'any', rules: [{ use: ['openai-model'] }] }],
  } });
});

const say = (tool, args) => `[[call ${tool} ${JSON.stringify(args)}]]`;
const COMMAND = 'cat level.txt';

// own: its wire format · returns: the formats whose thoughts come back to them as they were sealed, for those that it asks to think
// set(folders, model) → { env, args }: all that its user has to set.
const agents = {
  claude: {
    title: 'Claude Code', own: 'anthropic', returns: ['anthropic', 'gemini', 'responses', 'bedrock'],
    set: (_, model) => ({ env: { ANTHROPIC_BASE_URL: weir.url, ANTHROPIC_API_KEY: key, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
      args: ['-p', say('Bash', { command: COMMAND }), '--model', model, '--allowedTools', 'Bash'] }),
  },
  codex: {
    title: 'Codex', own: 'responses', returns: ['gemini', 'responses'],
    set({ home }, model) {
      mkdirSync(join(home, '.codex'));
      writeFileSync(join(home, '.codex/config.toml'), `model = "${model}"
model_provider = "weir"
web_search = "disabled"
[features]
multi_agent = false
[model_providers.weir]
name = "Weir"
base_url = "${weir.url}/v1"
wire_api = "responses"
env_key = "WEIR_KEY"
`);
      return { env: { WEIR_KEY: key }, args: ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', say('exec_command', { cmd: COMMAND })] };
    },
  },
  gemini: {
    title: 'Gemini CLI', own: 'gemini', returns: ['gemini'],
    set({ home }, model) {
      mkdirSync(join(home, '.gemini'));
      writeFileSync(join(home, '.gemini/settings.json'), JSON.stringify({ security: { auth: { selectedType: 'gemini-api-key' } } }));
      return { env: { GOOGLE_GEMINI_BASE_URL: weir.url, GEMINI_API_KEY: key }, args: ['-m', model, '-y', '--skip-trust', '-p', say('run_shell_command', { command: COMMAND })] };
    },
  },
  opencode: {
    title: 'opencode', own: 'openai', returns: [],
    set({ work }, model) {
      const provider = { npm: '@ai-sdk/openai-compatible', name: 'Weir', options: { baseURL: `${weir.url}/v1`, apiKey: key }, models: { [model]: { name: model } } };
      writeFileSync(join(work, 'opencode.json'), JSON.stringify({ autoupdate: false, share: 'disabled', provider: { weir: provider } }));
      return { env: {}, args: ['run', '-m', `weir/${model}`, say('bash', { command: COMMAND, description: 'Reads a file' })] };
    },
  },
};

// An environment of its own: nothing of this machine's accounts or settings.
async function run(name, agent, model) {
  const home = tempDir(scope);
  const work = tempDir(scope);
  writeFileSync(join(work, 'level.txt'), `the level is ${model.format} 3.5 m\n`);
  const { env, args } = agent.set({ home, work }, ownName(model));
  const nothing = Object.fromEntries(Object.keys(process.env).map((variable) => [variable, undefined]));
  const child = new Child(scope, join(folder, 'node_modules/.bin', name), args, { cwd: work, env: { ...nothing, PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8', NO_COLOR: '1', ...env } });
  const timer = setTimeout(() => child.signal('SIGKILL'), 240_000);
  const { code } = await child.ended;
  clearTimeout(timer);
  return { code, output: child.output };
}

for (const [name, agent] of Object.entries(agents)) {
  const there = existsSync(join(folder, 'node_modules/.bin', name));
  describe(agent.title, { skip: there ? false : `${name} is not in ${folder}: make agents` }, () => {
    for (const model of models) {
      const { format } = model;
      test(`reads a file with a model of ${format}`, async () => {
        standIns[format].complaints = [];
        const { code, output } = await run(name, agent, model);
        assert.equal(code, 0, output);
        assert.match(output, new RegExp(`said: [^]*the level is ${format} 3\\.5 m`), 'the model was told what the tool read');
        if (agent.returns.includes(format)) assert.match(output, /Thoughts that came back sealed: 1/);
        // What an agent sends to its own format goes on as it is, fields of its own included.
        if (format !== agent.own) assert.deepEqual(standIns[format].complaints.map(({ what }) => what), [], 'the provider would not have taken that');
      });
    }
  });
}
