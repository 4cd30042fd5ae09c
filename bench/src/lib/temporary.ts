import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder that is removed, with all that is in it, when it is disposed of or the process exits. */
export interface TemporaryFolder extends Disposable {
  readonly path: string
}

/** Makes an empty folder for one run. */
export function temporaryFolder(): TemporaryFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'sheetflow-bench-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  return {
    path: folder,
    [Symbol.dispose]: () => {
      process.off('exit', remove)
      remove()
    },
  }
}
