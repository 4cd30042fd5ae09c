import { describe, expect, it } from 'vitest'
import { decodeMessage, encodeHeaders } from './wire-message.ts'

const BODY = new TextEncoder().encode('{}')

function there(id: string, headers?: Readonly<Record<string, string>>): ReturnType<typeof decodeMessage> {
  const message = { subject: 'a', id, body: BODY, ...(headers === undefined ? {} : { headers }) }
  return decodeMessage('S', { subject: 'sf.stream.S.a', headers: encodeHeaders(message, 'me', 1_795_000_000_123), data: BODY }, 7)
}

describe('a message over the wire', () => {
  it.for(['SF_SRC_shop/1795420000/0000001A/00003F3C/0', 'łódź', '50 %', ' blank ', 'two\r\nlines', '%41', '\u0000', ''])(
    'keeps the id %j',
    (id) => {
      expect(there(id)).toEqual({ offset: 7, subject: 'a', id, body: BODY, storedAt: 1_795_000_000_123 })
    },
  )

  it('keeps headers, also those that are called as the server calls its own', () => {
    const headers = { 'content-type': 'x/y', 'Nats-Msg-Id': '1', 'Sf-Id': '2', '~x': '3', 'a b': '4', 'é:': '5', empty: '', cr: '\r\n' }
    expect(there('x', headers).headers).toEqual(headers)
  })

  it('reads what somebody else wrote', () => {
    expect(decodeMessage('S', { subject: 'sf.src.shop.x.y', data: BODY }, 1)).toEqual({
      offset: 1,
      subject: 'sf.src.shop.x.y',
      id: '',
      body: BODY,
      storedAt: 0,
    })
  })
})
