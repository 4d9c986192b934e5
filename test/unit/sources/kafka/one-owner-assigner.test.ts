import { AssignerProtocol } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { type Claim, chooseOwner } from '../../../../src/sources/kafka/one-owner-assigner.js';

function member(memberId: string, ownerSinceMs: number | null = null, isFresh = true) {
  const claim: Claim = { ownerSinceMs, isFresh };
  const userData = Buffer.from(JSON.stringify(claim));
  return {
    memberId,
    memberMetadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics: ['ads'], userData }),
  };
}

describe('the choice of the owner', () => {
  it('leaves everything with the one who has it, whoever joins', () => {
    expect(chooseOwner([member('a'), member('b'), member('m', 5), member('z')])).toBe('m');
  });

  it('prefers one whom the group has heard of to one who was away, though he claims to own it', () => {
    expect(chooseOwner([member('frozen', 9, false), member('successor', 5)])).toBe('successor');
    expect(chooseOwner([member('newcomer'), member('cut off', 9, false)]), 'nobody else owns it').toBe('cut off');
  });

  it('is the same in whatever order the members come', () => {
    const members = [member('c'), member('b', 3, false), member('a', 4, false), member('d')];
    expect(new Set([members, members.toReversed()].map(chooseOwner))).toEqual(new Set(['a']));
    expect(chooseOwner([member('c'), member('a')])).toBe('a');
  });

  it('takes a member without a claim for one who has none', () => {
    const silent = AssignerProtocol.MemberMetadata.encode({ version: 1, topics: ['ads'], userData: Buffer.alloc(0) });
    expect(chooseOwner([{ memberId: 'a', memberMetadata: silent }, member('b', 1)])).toBe('b');
  });
});
