/** Durable streams: the embedded driver over SQLite files. */
export { openSqliteBus, type SqliteBusOptions } from './sqlite/sqlite-bus.ts'
export { setStreamAside, verifyStream, type StreamReport } from './sqlite/verify.ts'
