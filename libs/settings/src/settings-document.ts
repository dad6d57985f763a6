import { CATALOGUE, LAUNCHER_VARIABLES } from './catalogue.js';

const INTRODUCTION = `# Settings

<!-- Made by \`npm run build && node apps/cli/bin/run.mjs settings --write\`; a test compares it with the schema. -->

Layers, later ones win: \`config/default.yaml\`, \`config/<env>.yaml\` (\`sandbox\` or \`live\`), a file \`.env\` in the working folder,
environment variables. An empty variable counts as unset. An unknown name is refused, and the nearest known one is named. In YAML
a setting stands under its path (\`http:\` then \`port:\`).
`;

/** The text of `docs/settings.md`. */
export function settingsDocument(): string {
  const rows = CATALOGUE.map(({ path, env, about, type, choices, initial }) => {
    const kind = type === 'one of' ? choices.map((choice) => `\`${choice}\``).join(', ') : type;
    return `| \`${path.join('.')}\` | \`${env}\` | ${kind} | ${initial === undefined ? '–' : `\`${initial}\``} | ${about} |`;
  });
  const others = Object.entries(LAUNCHER_VARIABLES).map(([name, about]) => `| – | \`${name}\` | text | – | ${about} |`);
  return `${INTRODUCTION}\n| setting | variable | value | default | what it does |\n|---|---|---|---|---|\n${[...rows, ...others].join('\n')}\n`;
}
