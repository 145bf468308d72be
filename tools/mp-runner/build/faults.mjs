// What is wrong with the source, each with file and line, in the order of the files.

export class Faults {
  constructor() {
    this.list = [];
  }

  add(file, line, words) {
    this.list.push({ file, line, words });
  }

  /** One line each, as editors make links of: `file:line: words`. */
  lines() {
    const key = ({ file, line, words }) => `${file}\0${String(line).padStart(6, '0')}\0${words}`;
    const sorted = [...this.list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
    return [...new Set(sorted.map(({ file, line, words }) => `${file}:${line}: ${words}`))];
  }
}

export class BuildFailed extends Error {
  constructor(lines) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** The line, from 1, of a position in a text. */
export function lineAt(text, position) {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
