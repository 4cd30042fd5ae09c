/** Broken rules, with how often and the first examples of each. */
export class Findings {
  readonly #broken = new Map<string, { count: number; readonly examples: string[] }>()
  readonly #startedAt = Date.now()
  /** Seconds after which the first was found; null: none. */
  firstAfterSeconds: number | null = null

  /** A rule does not hold here. */
  found(rule: string, what: string): void {
    const known = this.#broken.get(rule) ?? { count: 0, examples: [] }
    this.#broken.set(rule, known)
    known.count += 1
    if (known.examples.length < EXAMPLES) known.examples.push(what)
    this.firstAfterSeconds ??= (Date.now() - this.#startedAt) / 1000
  }

  get rules(): readonly string[] {
    return [...this.#broken.keys()]
  }

  /** For people: a line for each rule and its examples. */
  lines(): readonly string[] {
    return [...this.#broken].flatMap(([rule, { count, examples }]) => [
      `BROKEN ${rule}: ${count} times`,
      ...examples.map((text) => `    ${text}`),
    ])
  }
}

const EXAMPLES = 4
