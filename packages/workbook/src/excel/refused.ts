import { SheetflowError } from '@sheetflow/core/errors'

/** The error with which files are refused. */
export function refused(why: string, fix: string): SheetflowError {
  return new SheetflowError('workbook/shape', `This is no workbook that can be read: ${why}`, { fix })
}
