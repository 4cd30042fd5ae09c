/** The public face of core. Packages of this repository import the exact file instead (`@sheetflow/core/decimal`). */

export { assert, must, unreachable } from './assert.ts'
export { compareBase64, decodeBase64, decodeBase64Url, encodeBase64 } from './base64.ts'
export {
  DAY_MICROS,
  MAX_DAYS,
  MIN_DAYS,
  civilFromDays,
  daysFromCivil,
  daysFromSerial,
  daysInMonth,
  formatDate,
  formatTime,
  formatTimestamp,
  isoFromMs,
  msFromTimestamp,
  parseDate,
  parseTime,
  parseTimestamp,
  serialFromDays,
  timestampFromMs,
  timestampOf,
} from './calendar.ts'
export type { Civil } from './calendar.ts'
export { CELL_ERROR_KINDS, CellError, isCellError, isCellErrorKind } from './cell-error.ts'
export type { CellErrorKind } from './cell-error.ts'
export { comparatorFor, compareJson, compareValues } from './compare.ts'
export type { Order } from './compare.ts'
export type { DeadLetter, DeadLetters, DeadLetterState, LettersControl } from './dead-letter.ts'
export { Decimal, MAX_DIGITS, QUOTIENT_DIGITS } from './decimal.ts'
export { durationOf, invalidDefinition, isNamed, readDefinition } from './definition.ts'
export type { DefinitionKind } from './definition.ts'
export { SheetflowError, isSheetflowError } from './errors.ts'
export type { ErrorCode, ErrorOptions, Retry } from './errors.ts'
export { equalFolded, fold } from './fold.ts'
export type { FunctionParameter, FunctionSignature, FunctionSignatures, FunctionValueType, OnPending } from './function-signature.ts'
export { TransactionReader } from './framing/assembler.ts'
export type { DeadPiece, HalfRule, HalfTransaction, ReaderOptions, StreamEvent } from './framing/assembler.ts'
export { decodeBody, decodeMessage, decodeOrDead, encodeBody, isRowChange } from './framing/codec.ts'
export type { DeadMessage, DecodedMessage, SchemaMessage } from './framing/codec.ts'
export { TransactionCollector } from './framing/collector.ts'
export type { TransactionPiece, WholeTransaction } from './framing/collector.ts'
export { decodeGraphInbox, decodeSourceInbox } from './framing/inbox.ts'
export { MESSAGE_BYTES, MESSAGE_ROWS } from './framing/limits.ts'
export { TransactionPacker } from './framing/packer.ts'
export type { AnyControlDraft, BeginOptions, CommitDraft, PackerOptions } from './framing/packer.ts'
export { graphSubjects, sourceSubjects, subjectKind } from './framing/subjects.ts'
export type { StreamSubjects, SubjectKind } from './framing/subjects.ts'
export { compareIntervals, formatInterval, intervalLength, parseInterval } from './interval.ts'
export { fromJson, isJsonOf, toJson } from './json-codec.ts'
export { UNCHANGED_JSON, isBlobRef, isJsonError, isSpecialJson, isUnchanged } from './json-special.ts'
export { sameJson, stableJson } from './json-text.ts'
export type { Json } from './json-text.ts'
export { jsonKey, keyComparator, keyText, valueKey, valuesKey } from './key.ts'
export type {
  CaptureState,
  Cause,
  Command,
  CommitBody,
  CommitMessage,
  Deployment,
  GraphControl,
  GraphInbox,
  KeyJson,
  MessageHead,
  ReceiptEvent,
  ReceiptStatus,
  RowChange,
  RowJson,
  RowOp,
  RowsMessage,
  SourceControl,
  SourceInbox,
  TableRunState,
  ViewStatus,
} from './message.ts'
export { compareNumbers, isNumber, normalNumber, toDecimal } from './number.ts'
export type { AnyNumber } from './number.ts'
export { compareRows } from './order.ts'
export type { RowComparator } from './order.ts'
export type { ArchiveStore } from './ports/archive-store.ts'
export type { BlobStore } from './ports/blob-store.ts'
export type {
  AppendOptions,
  AppendResult,
  Bus,
  BusMessage,
  ReadOptions,
  StoredMessage,
  StreamInfo,
  StreamOptions,
  TrimLimits,
} from './ports/bus.ts'
export type { AcceptCommand, CommandAccepted, CommandRequest } from './ports/commands.ts'
export type { DeclaredFunction, FunctionAnswer, FunctionBatch, Functions } from './ports/functions.ts'
export type { Claims, Clock, Identity, Log, Secrets } from './ports/host.ts'
export type { ControlDraft, DiscoveredTable, Discovery, FollowStart, SnapshotRequest, Source, SourceEvent } from './ports/source.ts'
export type { Checkpoint, CheckpointDelta, CheckpointHead, Page, StateStore } from './ports/state-store.ts'
export type { CommandContext, CommandDb, CommandHandler, CommandOutcome, Target } from './ports/target.ts'
export type { QueryRequest, QueryResult, StoredView, ViewChanges, ViewStore, ViewTransaction } from './ports/view-store.ts'
export type { Position, ReadPosition, StoredPosition, Vector } from './position.ts'
export { and, canonical } from './predicate-canonical.ts'
export { bindClaims, constantOf } from './predicate-claims.ts'
export type { NamedColumn } from './predicate-claims.ts'
export { compileRowPredicate } from './predicate-eval.ts'
export { ALWAYS, NEVER } from './predicate.ts'
export type { Operand, Predicate, PredicateOf, PredicateTemplate } from './predicate.ts'
export type { NestedPlan, OrderTerm, QueryPlan, SearchPlan } from './query-plan.ts'
export { NEXT_STATUS, RECEIPTS, addReceipt, receiptFromRow, receiptRow, receiptsView } from './receipt.ts'
export type { Receipt, ReceiptInput } from './receipt.ts'
export { Rejected, isRejected } from './rejected.ts'
export { TryLater, isTryLater } from './try-later.ts'
export { schemaHash } from './schema-hash.ts'
export type { ColumnSchema, ListSchema, ReadRule, SheetSchema, TableSchema } from './schema.ts'
export type { SetupCheck } from './setup-check.ts'
export { sha256, sha256Hex } from './sha256.ts'
export {
  fromSubjectToken,
  graphInbox,
  graphInboxSubject,
  graphStream,
  graphSubject,
  ourName,
  sheetSchemaSubject,
  sheetSubject,
  sourceInbox,
  sourceInboxSubject,
  sourceStream,
  sourceSubject,
  subjectMatches,
  subjectToken,
  tableSchemaSubject,
  tableSubject,
} from './subject.ts'
export { cleanText, compareText, utf8Length } from './text.ts'
export type { ColumnType, ScalarTypeName } from './type.ts'
export { isUlid, ulid } from './ulid.ts'
export type { BlobRef, DateValue, Interval, JsonCellError, JsonUnchanged, JsonValue, TimeValue, Timestamp, Value } from './value.ts'
export type {
  ChannelDescription,
  KeyColumn,
  LiveExtension,
  LiveRow,
  Publication,
  RecordJson,
  SortColumn,
  ViewState,
  WindowDescription,
} from './wire.ts'
