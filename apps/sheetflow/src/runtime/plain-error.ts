import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import type { PlainError } from './protocol.ts'

/** The form in which an error crosses threads. What is not ours is a bug: it keeps its stack and may be tried again. */
export function toPlainError(error: unknown): PlainError {
  if (isSheetflowError(error)) {
    return { code: error.code, message: error.message, retry: error.retry, ...(error.fix === undefined ? {} : { fix: error.fix }) }
  }
  if (error instanceof Error) {
    return { code: null, message: error.message, retry: 'later', ...(error.stack === undefined ? {} : { stack: error.stack }) }
  }
  return { code: null, message: String(error), retry: 'later' }
}

/** Back to an error that can be thrown. */
export function fromPlainError(error: PlainError): SheetflowError {
  return new SheetflowError(error.code ?? 'app/role-failed', error.message, {
    retry: error.retry,
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  })
}
