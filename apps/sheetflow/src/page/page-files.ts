import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { ScriptBundler } from './script-bundler.ts'

/** One file of the page, ready to be sent. */
export interface PageFile {
  readonly type: string
  readonly body: Uint8Array | string
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/**
 * The files of the page's folder. `x.js` that is not there is bundled from `x.ts` (with everything it imports), at each request in dev,
 * once otherwise. Nothing outside the folder is served, nor anything whose name begins with a dot.
 */
export class PageFiles implements AsyncDisposable {
  readonly #root: string
  readonly #scripts: ScriptBundler

  constructor(root: string, dev: boolean) {
    this.#root = path.resolve(root)
    this.#scripts = new ScriptBundler(dev)
  }

  /** The file at a URL path, or null. A script that cannot be bundled is a script that says why on the page. */
  async at(urlPath: string): Promise<PageFile | null> {
    const file = this.#inside(urlPath === '/' ? '/index.html' : urlPath)
    if (file === null) return null
    const type = TYPES[path.extname(file)]
    if (type === undefined) return null
    if (existsSync(file) && statSync(file).isFile()) return { type, body: readFileSync(file) }
    const source = file.replace(/\.js$/, '.ts')
    if (source === file || !existsSync(source)) return null
    return { type, body: await this.#scripts.bundle(source) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scripts[Symbol.asyncDispose]()
  }

  #inside(urlPath: string): string | null {
    let decoded: string
    try {
      decoded = decodeURIComponent(urlPath)
    } catch {
      return null
    }
    if (decoded.includes('\0') || decoded.split('/').some((part) => part.startsWith('.'))) return null
    const file = path.join(this.#root, decoded)
    return file.startsWith(this.#root + path.sep) ? file : null
  }
}
