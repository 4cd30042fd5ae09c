/** Durable streams: the embedded driver over SQLite files, the one over NATS JetStream, and the archive of what they do not keep any longer. */
export { openSqliteBus, type SqliteBusOptions } from './sqlite/sqlite-bus.ts'
export { openNatsBus, type NatsBusOptions } from './nats/nats-bus.ts'
export { setStreamAside, streamsIn, verifyStream, type StreamReport } from './sqlite/verify.ts'
export { ArchivedBus } from './archive/archived-bus.ts'
export { archiveStream, type ArchiverOptions } from './archive/archiver.ts'
export { rewriteArchive, type RewriteReport } from './archive/rewrite-archive.ts'
export { verifyArchive, type ArchiveReport } from './archive/verify-archive.ts'
