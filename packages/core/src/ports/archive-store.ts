/**
 * Port `ArchiveStore`: named objects that never change, for the older segments of streams. Names are `/`-separated tokens of `A-Z a-z 0-9 _ . -`.
 *
 * What callers may rely on: `put` is atomic and resolves when the bytes are durable; a name that is taken keeps what it has, so putting the same object
 * twice is putting it once. `list` gives every object that was put before the call and not deleted, by name.
 */
export interface ArchiveStore extends AsyncDisposable {
  put(name: string, bytes: Uint8Array): Promise<void>
  /** `store/unknown` if it is not there. */
  get(name: string): Promise<Uint8Array>
  /** Bytes of the object; `store/unknown` if it is not there. */
  size(name: string): Promise<number>
  /** Names that begin so, in order. */
  list(prefix: string): Promise<readonly string[]>
  /** A name that is not there is deleted already. */
  delete(name: string): Promise<void>
}
