/** The phone's sessions and their rotating refresh tokens (RFC 9700 section 4.14.2, S19). Storage only. */
import { equalSecrets, hashSecret, randomBytes } from '../http/secrets.ts'
import { toBase64Url } from '../protocol/bytes.ts'
import { REFRESH_REUSE_MS, REFRESH_SECRET_BYTES, SESSION_ID_BYTES, SESSION_IDLE_MS } from '../protocol/limits.ts'
import { first } from './rows.ts'

type SessionRow = { id: string; hash: string; previous: string | null; rotated_at: number; created_at: number }

/** A session and the token that renews it. */
export interface IssuedSession {
  session: string
  refreshToken: string
}

/** `reused`: the token was good once, or looks as if it had been; its session has been ended. */
export type RefreshOutcome = ({ outcome: 'renewed' } & IssuedSession) | { outcome: 'unknown' } | { outcome: 'reused' }

/** Opens a session; sessions that nobody renewed for long are swept out. */
export function openSession(sql: SqlStorage, account: string, now: number): IssuedSession {
  sql.exec('DELETE FROM sessions WHERE rotated_at <= ?', now - SESSION_IDLE_MS)
  const family = toBase64Url(randomBytes(SESSION_ID_BYTES))
  const session = hashSecret(family)
  const refreshToken = createRefreshToken(account, family)
  sql.exec('INSERT INTO sessions VALUES (?, ?, NULL, ?, ?)', session, hashSecret(refreshToken), now, now)
  return { session, refreshToken }
}

export function isSessionAlive(sql: SqlStorage, session: string, now: number): boolean {
  return find(sql, session, now) !== null
}

/** Ends a session; idempotent. */
export function closeSession(sql: SqlStorage, session: string): void {
  sql.exec('DELETE FROM sessions WHERE id = ?', session)
}

/** Ends every session; idempotent. @returns how many there were */
export function closeSessions(sql: SqlStorage): number {
  return sql.exec('DELETE FROM sessions RETURNING id').toArray().length
}

/**
 * The session that a refresh token names; null for what has not its form. The token's middle part is a secret of the
 * session, and its id the hash of that: access tokens name the id, so one that leaked long ago cannot be made into a
 * "reused" refresh token, which would sign its owner out.
 */
export function sessionOf(refreshToken: string): string | null {
  const family = familyOf(refreshToken)
  return family === null ? null : hashSecret(family)
}

/**
 * Takes a refresh token and gives its successor. The one before works once more within {@link REFRESH_REUSE_MS} while its
 * successor is unused (the answer may have been lost); any other token of a living session ends it.
 */
export function rotateSession(sql: SqlStorage, account: string, refreshToken: string, now: number): RefreshOutcome {
  const family = familyOf(refreshToken)
  const session = sessionOf(refreshToken)
  const row = session === null ? null : find(sql, session, now)
  if (family === null || session === null || row === null) return { outcome: 'unknown' }
  const hash = hashSecret(refreshToken)
  const current = equalSecrets(hash, row.hash)
  const lostAnswer =
    row.previous !== null && equalSecrets(hash, row.previous) && now < row.rotated_at + REFRESH_REUSE_MS
  if (!current && !lostAnswer) {
    closeSession(sql, session)
    return { outcome: 'reused' }
  }
  const successor = createRefreshToken(account, family)
  // After its second use the old token is spent: no `previous` is kept, and its time is not extended.
  sql.exec(
    'UPDATE sessions SET hash = ?, previous = ?, rotated_at = ? WHERE id = ?',
    hashSecret(successor),
    current ? row.hash : null,
    now,
    session,
  )
  return { outcome: 'renewed', session, refreshToken: successor }
}

function familyOf(refreshToken: string): string | null {
  const parts = refreshToken.split('.')
  return parts.length === 3 && parts[1] !== '' ? (parts[1] ?? null) : null
}

/** The account's id routes it, the family finds the session's row, and only the whole proves anything. */
function createRefreshToken(account: string, family: string): string {
  return `${account}.${family}.${toBase64Url(randomBytes(REFRESH_SECRET_BYTES))}`
}

function find(sql: SqlStorage, session: string, now: number): SessionRow | null {
  const row = first<SessionRow>(sql, 'SELECT * FROM sessions WHERE id = ?', session)
  return row !== null && now < row.rotated_at + SESSION_IDLE_MS ? row : null
}
