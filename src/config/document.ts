import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Location, Problem } from './problem.js';
import type { Path } from './schema-tree.js';

/** A YAML text with the places of its keys and values. */
export class ConfigDocument {
  readonly #fileName: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;

  constructor(text: string, fileName: string) {
    this.#fileName = fileName;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, stringKeys: true });
  }

  /** The plain value, or the problems that keep the text from having one. */
  read(): { readonly value: unknown; readonly problems: readonly Problem[] } {
    const problems = [...this.#document.errors, ...this.#document.warnings].map((error) =>
      this.#problem(error.pos[0], error.message),
    );
    visit(this.#document, {
      Pair: (_, pair) => {
        if (isScalar(pair.key) && pair.key.value === '__proto__')
          problems.push(this.#problem(pair.key.range?.[0] ?? 0, 'unknown key "__proto__"'));
      },
    });
    if (problems.length > 0) return { value: undefined, problems };
    try {
      return { value: this.#document.toJS() ?? {}, problems };
    } catch (error) {
      // too many aliases or an alias without its anchor
      return { value: undefined, problems: [this.#problem(0, (error as Error).message)] };
    }
  }

  /** Place of the value at `path`; of the deepest key on the way that exists when it is missing. */
  locateValue(path: Path): Location {
    return this.#location(this.#walk(path, false));
  }

  /** Place of the last key of `path` itself. */
  locateKey(path: Path): Location {
    return this.#location(this.#walk(path, true));
  }

  #walk(path: Path, wantKey: boolean): number {
    let node = this.#resolve(this.#document.contents);
    let offset = node?.range?.[0] ?? 0;
    for (const [depth, segment] of path.entries()) {
      const last = depth === path.length - 1;
      let next: Node | null = null;
      if (isMap(node)) {
        const pair = node.items.find(
          (item) => isPair(item) && isScalar(item.key) && item.key.value === String(segment),
        );
        if (pair === undefined) return offset;
        if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
        if (last && wantKey) return offset;
        next = this.#resolve(pair.value);
      } else if (isSeq(node)) {
        next = this.#resolve(node.items[Number(segment)]);
        if (next === null) return offset;
        offset = next.range?.[0] ?? offset;
      } else return offset;
      if (last) return next?.range?.[0] ?? offset;
      node = next;
    }
    return offset;
  }

  #resolve(node: unknown): Node | null {
    if (isAlias(node)) return node.resolve(this.#document) ?? null;
    return isNode(node) ? node : null;
  }

  #problem(offset: number, message: string): Problem {
    return { location: this.#location(offset), path: [], message, suggestion: null };
  }

  #location(offset: number): Location {
    const { line, col } = this.#lines.linePos(offset);
    return { text: `${this.#fileName}:${Math.max(line, 1)}:${Math.max(col, 1)}`, order: offset };
  }
}
