/**
 * Port `BlobStore`: content-addressed bytes. The name of a blob is the sha256 of its content in hex.
 *
 * What callers may rely on: `put` is atomic and idempotent and resolves after fsync; `get` verifies the hash (`bus/corrupt` if it differs).
 */
export interface BlobStore extends AsyncDisposable {
  put(bytes: Uint8Array, signal?: AbortSignal): Promise<string>
  /** `store/unknown` if it is not there. */
  get(hash: string, signal?: AbortSignal): Promise<Uint8Array>
  /** No error if it is not there. */
  delete(hash: string): Promise<void>
}
