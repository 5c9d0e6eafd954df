// What the table of the matrix says beside a cell that works, where less comes through than one might think.
const list = (names) => names.join(' and ');

// Responses give summaries of thoughts only to those who ask for them, which OpenAI's chat format cannot.
export const hidesThoughts = (client, model) => client.name === 'openai' && model.format === 'responses';

// Why a client sees less of this than the provider says; undefined where it sees all.
export function notes(client, model, feature) {
  if (feature === 'thinking' && hidesThoughts(client, model)) return `${client.title} cannot ask for summaries of thoughts: none are shown`;
  if (feature === 'thinking' && model.seals && !client.sealed.includes(model.seals)) {
    return model.strict
      ? `${client.title} has no place for the seal of ${model.title}'s thoughts: they are shown, and it goes on without thinking once a tool was called`
      : `${client.title} has no place for the seal of ${model.title}'s ${model.seals}: thoughts are shown and do not go back`;
  }
  if (feature === 'usage') {
    const hidden = model.counts.filter((name) => !client.counts.includes(name));
    if (hidden.length) return `${client.title} has no place for tokens ${list(hidden)}: the ledger has them`;
  }
  if (feature === 'refusal') {
    if (model.refuses === 'words') return `${model.title} refuses in plain words`;
    if (!client.filters) return `${client.title} has no finish for it: the words are shown`;
  }
  return undefined;
}
