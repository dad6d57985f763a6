/** The secret that the replicas of one database share. */
export abstract class ClusterSecret {
  /** Makes it where there is none yet; the same for all who ask. */
  abstract read(): Promise<Buffer>;
}
