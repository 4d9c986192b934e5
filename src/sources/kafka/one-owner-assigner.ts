import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';
import type { Cluster } from './cluster.js';
import { partitionsOf } from './topic-offsets.js';

const { MemberMetadata, MemberAssignment } = AssignerProtocol;

/** What a member says of itself when it joins. */
export interface Claim {
  /** Since when it owns the partitions, ms of the wall clock; null: it does not. */
  readonly ownerSinceMs: number | null;
  /** The group has heard of it within the session timeout, so nobody else can have become owner. */
  readonly isFresh: boolean;
}

interface Member {
  readonly memberId: string;
  readonly memberMetadata: Buffer;
}

/**
 * Gives every partition to one member and none to the others. Sticky: who owns them keeps them, whoever joins or leaves. Of
 * two who claim to own them, one has been away too long to know better, and his claim is not fresh.
 */
export function oneOwnerAssigner(claim: () => Claim): PartitionAssigner {
  const name = 'dadin-one-owner';
  const version = 1;
  return (config) => {
    const cluster = config.cluster as unknown as Cluster;
    return {
      name,
      version,
      async assign({ members, topics }) {
        const owner = chooseOwner(members);
        const all: Record<string, number[]> = {};
        for (const { topic, partition } of partitionsOf(cluster, topics)) {
          all[topic] ??= [];
          all[topic].push(partition);
        }
        return members.map(({ memberId }) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({
            version,
            assignment: memberId === owner ? all : {},
            userData: Buffer.alloc(0),
          }),
        }));
      },
      protocol: ({ topics }) => ({
        name,
        metadata: MemberMetadata.encode({ version, topics, userData: Buffer.from(JSON.stringify(claim())) }),
      }),
    };
  };
}

/** The member with the best claim: fresh before stale, younger before older; without any, the first by id. */
export function chooseOwner(members: readonly Member[]): string {
  const ranked = members
    .map(({ memberId, memberMetadata }) => ({ memberId, ...claimOf(memberMetadata) }))
    .sort((a, b) => {
      if ((a.ownerSinceMs === null) !== (b.ownerSinceMs === null)) return a.ownerSinceMs === null ? 1 : -1;
      if (a.ownerSinceMs !== null && a.isFresh !== b.isFresh) return a.isFresh ? -1 : 1;
      if (a.ownerSinceMs !== b.ownerSinceMs) return (b.ownerSinceMs ?? 0) - (a.ownerSinceMs ?? 0);
      return a.memberId < b.memberId ? -1 : 1;
    });
  return ranked[0]!.memberId;
}

function claimOf(memberMetadata: Buffer): Claim {
  const userData = MemberMetadata.decode(memberMetadata)?.userData;
  return userData === undefined || userData.length === 0
    ? { ownerSinceMs: null, isFresh: false }
    : (JSON.parse(userData.toString()) as Claim);
}
