// Following a persona: shown at once, taken back where the server refuses.
import { act } from "./api";
import { useAct, type Act } from "./act";
import { count } from "./counted";
import { change } from "./store";

/** `isFollowing` and the number, as `/p/{slug}` has them. */
function know(slug: string, isFollowing: boolean, followers?: number): void {
  change("/p/{slug}", { at: { slug } }, (page) => {
    const { profile } = page;
    const step = Number(isFollowing) - Number(profile.following ?? false);
    return { ...page, profile: { ...profile, following: isFollowing, followers: followers ?? profile.followers + step } };
  });
}

export function useFollow(slug: string): Act<[boolean]> {
  return useAct(async (isFollowing: boolean) => {
    know(slug, isFollowing);
    if (isFollowing) count("follow_click", { slug });
    try {
      const { followers } = await act(isFollowing ? "post" : "delete", "/p/{slug}/follow", { at: { slug } });
      know(slug, isFollowing, followers);
    } catch (problem) {
      know(slug, !isFollowing);
      throw problem;
    }
  });
}
