import { describe, expect, it } from 'vitest';
import { faultOf, timeoutFault } from './network-fault.ts';

const withCode = (code: string): Error => Object.assign(new Error('Bearer tok3n was refused'), { code });

describe('a network fault', () => {
  it.each([
    ['ECONNREFUSED', 'refused', 'unreachable', 'unreachable'],
    ['ENOTFOUND', 'dns', 'unreachable', 'unreachable'],
    ['EAI_AGAIN', 'dns', 'unreachable', 'unreachable'],
    ['ETIMEDOUT', 'timeout', 'unreachable', 'unreachable'],
    ['EHOSTUNREACH', 'no_route', 'unreachable', 'unreachable'],
    ['ECONNRESET', 'closed', 'unreachable', 'unreachable'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'unhealthy', 'service_unhealthy'],
    ['HPE_INVALID_CONSTANT', 'protocol', 'unhealthy', 'service_unhealthy'],
    ['EMFILE', 'other', 'unreachable', 'unreachable'],
  ])('reads %s as %s, %s', (code, failure, status, category) => {
    const fault = faultOf(withCode(code));
    expect(fault).toMatchObject({ failure, status, category });
    expect(fault.words).not.toContain('tok3n');
  });

  it('takes the code of a name whose addresses all refused', () => {
    const refused = Object.assign(new AggregateError([withCode('ECONNREFUSED')]), { code: 'ECONNREFUSED' });
    expect(faultOf(refused).words).toBe('connection refused');
  });

  it('never quotes a message, even of an error without a code', () => {
    expect(faultOf(new TypeError('tok3n')).words).toBe('failed (TypeError)');
    expect(faultOf('tok3n').words).toBe('failed (unknown error)');
  });

  it('says how long it waited and for what', () => {
    expect(timeoutFault(250, 'the response').words).toBe('timed out after 250 ms waiting for the response');
  });
});
