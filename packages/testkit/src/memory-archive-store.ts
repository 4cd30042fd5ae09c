import { SheetflowError } from '@sheetflow/core/errors'
import type { ArchiveStore } from '@sheetflow/core/ports/archive-store'

const NAME = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/

/** An archive in memory, for tests of layers that may not import drivers. `objects` may be shared: each store is a door to them. */
export class MemoryArchiveStore implements ArchiveStore {
  readonly objects: Map<string, Uint8Array>

  constructor(objects: Map<string, Uint8Array> = new Map<string, Uint8Array>()) {
    this.objects = objects
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    return Promise.try(() => {
      if (!NAME.test(name)) throw unknown(name)
      if (!this.objects.has(name)) this.objects.set(name, Uint8Array.from(bytes))
    })
  }

  get(name: string): Promise<Uint8Array> {
    return Promise.try(() => {
      const bytes = this.objects.get(name)
      if (bytes === undefined) throw unknown(name)
      return bytes
    })
  }

  async size(name: string): Promise<number> {
    return (await this.get(name)).byteLength
  }

  list(prefix: string): Promise<readonly string[]> {
    return Promise.resolve([...this.objects.keys()].filter((name) => name.startsWith(prefix)).sort())
  }

  delete(name: string): Promise<void> {
    this.objects.delete(name)
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }
}

function unknown(name: string): SheetflowError {
  return new SheetflowError('store/unknown', `${name} is not in the archive`)
}
