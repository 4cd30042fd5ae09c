import { isSheetflowError, type ErrorCode } from '@sheetflow/core/errors'

/** Exit codes of the `sheetflow` command (docs/operations.md). */
export const EXIT = { ok: 0, findings: 1, usage: 2, config: 3, unreachable: 4, gap: 5, bug: 70, interrupted: 130 } as const

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  'app/usage': EXIT.usage,
  'config/invalid': EXIT.config,
  'config/secret': EXIT.config,
  'app/port-in-use': EXIT.unreachable,
  'app/locked': EXIT.unreachable,
  'source/unreachable': EXIT.unreachable,
  'source/auth': EXIT.unreachable,
  'source/not-ready': EXIT.unreachable,
  'source/slot-in-use': EXIT.unreachable,
  'store/unavailable': EXIT.unreachable,
  'store/not-ready': EXIT.unreachable,
  'bus/unavailable': EXIT.unreachable,
  'client/offline': EXIT.unreachable,
  'source/slot-lost': EXIT.gap,
  'source/foreign': EXIT.gap,
}

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (!isSheetflowError(error)) return EXIT.bug
  return BY_CODE[error.code] ?? EXIT.findings
}
