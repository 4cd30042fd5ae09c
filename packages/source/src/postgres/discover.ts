import type { Discovery } from '@sheetflow/core/ports/source'
import type { PostgresSettings } from './settings.ts'

/** placeholder replaced below */
export async function discover(_settings: PostgresSettings, _signal?: AbortSignal): Promise<Discovery> {
  return await Promise.resolve({ server: '', tables: [], checks: [] })
}
