import { context, type BuildContext, type Message, type Plugin } from 'esbuild'

/** What a page may import without having it installed beside it: this program's own. An installed one wins. */
const OWN = /^@sheetflow\/(widgets|client)$/

const ownPackages: Plugin = {
  name: 'own-packages',
  setup(build) {
    build.onResolve({ filter: OWN }, async ({ path, pluginData, ...from }) => {
      if (pluginData === ownPackages) return undefined
      const beside = await build.resolve(path, { ...from, pluginData: ownPackages })
      return beside.errors.length === 0
        ? beside
        : await build.resolve(path, { kind: from.kind, resolveDir: import.meta.dirname, pluginData: ownPackages })
    })
  },
}

/** Bundles TypeScript modules for the browser. In dev each request builds anew (incrementally: a few milliseconds). */
export class ScriptBundler implements AsyncDisposable {
  readonly #dev: boolean
  readonly #contexts = new Map<string, Promise<BuildContext>>()
  readonly #built = new Map<string, Promise<string>>()

  constructor(dev: boolean) {
    this.#dev = dev
  }

  /** The script of an entry file. Errors become a script that shows them. */
  bundle(entry: string): Promise<string> {
    const known = this.#dev ? undefined : this.#built.get(entry)
    if (known !== undefined) return known
    const built = this.#build(entry)
    this.#built.set(entry, built)
    return built
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const made of this.#contexts.values()) await (await made).dispose()
  }

  async #build(entry: string): Promise<string> {
    try {
      const result = await (await this.#contextOf(entry)).rebuild()
      return result.outputFiles?.[0]?.text ?? ''
    } catch (error) {
      return failureScript(error)
    }
  }

  #contextOf(entry: string): Promise<BuildContext> {
    const known = this.#contexts.get(entry)
    if (known !== undefined) return known
    const made = context({
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2023',
      // The workspace packages resolve to their sources, published ones have no such condition and resolve to dist.
      conditions: ['source', 'browser', 'import'],
      minify: !this.#dev,
      sourcemap: this.#dev ? 'inline' : false,
      logLevel: 'silent',
      plugins: [ownPackages],
    })
    this.#contexts.set(entry, made)
    return made
  }
}

function failureScript(error: unknown): string {
  const text = isBuildFailure(error)
    ? error.errors.map((e) => `${e.location?.file ?? ''}:${String(e.location?.line ?? '')}: ${e.text}`).join('\n')
    : String(error)
  return `console.error(${JSON.stringify(text)}); document.body.insertAdjacentText('afterbegin', ${JSON.stringify(`The page's script does not build: ${text}`)})`
}

function isBuildFailure(error: unknown): error is { errors: Message[] } {
  return typeof error === 'object' && error !== null && Array.isArray((error as { errors?: unknown }).errors)
}
