/* What two runs of one scenario must have in common, whatever the difference between them may be: a
 * reference run and the one that was just made.
 *
 * An independent program says on a connection what depends on nothing but what it hears there. So
 * what anybody hears from it must be the same in both runs, as far as both go, and that is compared
 * for each connection of such a program with a peer, and for each connection of two such programs.
 * Left out is what timing may legally change: programs that the scenario kills or starts again,
 * connections that were refused in one of the runs, datagrams that could be lost or overtake each
 * other. Datagrams between programs are in compare_datagrams.c. Where somebody gave up, or a link
 * stayed cut, only what came must agree, not how much of it. */
#include "run/compare.h"

#include <string.h>

/* ---- what is comparable ---- */

static bool has_option(const struct wbh_scenario *scenario, const char *name) {
    for (uint32_t n = 0; n < wbh_scenario_program_count(scenario); n++) {
        const struct wbh_cast cast = wbh_scenario_program(scenario, n);
        for (uint32_t i = 0; i < cast.option_count; i++) {
            if (strcmp(cast.options[i].name, name) == 0) {
                return true;
            }
        }
    }
    return false;
}

bool wbh_connections_compete(const struct wbh_scenario *scenario) {
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        const struct wbh_host *system = &scenario->hosts[i].system;
        if (system->fd_limit != 0 || system->memory_max != 0) {
            return true;
        }
    }
    return scenario->host.fd_limit != 0 || scenario->host.memory_max != 0
           || has_option(scenario, "max-connections") || has_option(scenario, "backlog");
}

/* A name that a peer binds, and the host it is of. */
struct bound_name {
    uint32_t host;
    uint32_t len;
    const uint8_t *bytes;
};

static bool is_among(
    const struct bound_name *names, uint32_t count, const struct bound_name *name) {
    for (uint32_t i = 0; i < count; i++) {
        if (names[i].host == name->host && names[i].len == name->len
            && memcmp(names[i].bytes, name->bytes, name->len) == 0) {
            return true;
        }
    }
    return false;
}

/* Where peers bind datagram sockets to the same name one after the other, timing decides whose
 * answers come to whom. */
static bool names_pass_on(const struct wbh_scenario *scenario) {
    enum { NAMES_MAX = 64 }; /* of more one is taken to stand twice */
    struct bound_name names[NAMES_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < scenario->peer_count; i++) {
        const struct wbh_peer *peer = &scenario->peers[i];
        for (uint32_t k = 0; k < peer->step_count; k++) {
            const struct wbh_step *step = &peer->steps[k];
            if (step->kind != WBH_STEP_BIND_DATAGRAM || step->data_len == 0) {
                continue;
            }
            struct bound_name name = {
                peer->host, step->data_len, scenario->data + step->data_offset};
            if (count == NAMES_MAX || is_among(names, count, &name)) {
                return true;
            }
            names[count++] = name;
        }
    }
    return false;
}

static bool has_moment(const struct wbh_scenario *scenario, enum wbh_moment_kind kind, uint32_t a) {
    for (uint32_t i = 0; i < scenario->moment_count; i++) {
        if (scenario->moments[i].kind == kind
            && (scenario->moments[i].a == a || a == WBH_END_ANY)) {
            return true;
        }
    }
    return false;
}

/* What it says depends on what it hears alone, and on no moment at which something happens to it.
 */
static bool repeats_itself(const struct wbh_runner *runner, uint32_t n) {
    const struct wbh_scenario *scenario = runner->stage.scenario;
    const struct wbh_role *role = &runner->roles[n];
    /* Who is told to end says in HTTP that what it answers is the last. */
    const bool is_told = role->program.speaks_http != 0 && runner->stage.signals_sent;
    return role->program.independent != 0 && !role->judge.ledger.failing && !is_told
           && !has_moment(scenario, WBH_MOMENT_CRASH, n)
           && !has_moment(scenario, WBH_MOMENT_RESTART, n);
}

bool wbh_runner_is_comparable(const struct wbh_runner *runner, const struct wbh_result *result) {
    const struct wbh_scenario *scenario = runner->stage.scenario;
    if (result->stop != SIM_STOP_EXITED || wbh_connections_compete(scenario)
        || names_pass_on(scenario) || wbh_scenario_udp_ports_pass_on(scenario)) {
        return false;
    }
    for (uint32_t i = 0; i < runner->role_count; i++) {
        if (repeats_itself(runner, i)) {
            return true;
        }
    }
    return false;
}

/* ---- two runs ---- */

/* Where a link lets datagrams overtake each other, or a cut loses them, timing decides what comes.
 */
static bool keeps_datagrams(const struct wbh_comparison *of) {
    const struct wbh_scenario *scenario = of->stage->scenario;
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        if (scenario->links[i].jitter_ns != 0) {
            return false;
        }
    }
    return !of->reference->lossy && !of->stage->lossy
           && !has_moment(scenario, WBH_MOMENT_PARTITION, WBH_END_ANY);
}

static bool gave_up(const struct wbh_comparison *of, uint32_t n) {
    return of->reference->conversation.gave_up[n] || of->stage->conversation.gave_up[n];
}

static bool was_cut_off(const struct wbh_comparison *of) {
    return of->reference->cut_off || of->stage->cut_off;
}

/* ---- what peers saw ---- */

/* Which program a scene is about, and if it called the peer, which of its calls that was. */
static bool find_speaker(const struct wbh_stage *stage, const struct wbh_scene *scene,
    uint32_t *out_program, uint32_t *out_ordinal) {
    *out_program = 0;
    *out_ordinal = 0;
    if (scene->program < WBH_PROGRAMS_MAX) {
        *out_program = scene->program;
        return true;
    }
    if (!stage->conversation.is_kept) {
        return true; /* there is only one */
    }
    if (scene->program == WBH_PROGRAM_BY_NAME) {
        return wbh_correspondence_voice(&stage->correspondence, scene->subject, out_program);
    }
    const struct wbh_dial *dial = wbh_conversation_dial(&stage->conversation, scene->subject);
    if (dial != NULL) {
        *out_program = dial->process;
        *out_ordinal = dial->ordinal;
    }
    return dial != NULL;
}

static bool is_same_scene(const struct wbh_comparison *of, const struct wbh_scene *a,
    const struct wbh_scene *b, uint32_t *out_program) {
    uint32_t a_program;
    uint32_t a_ordinal;
    uint32_t b_ordinal;
    if (!find_speaker(of->reference, a, &a_program, &a_ordinal)
        || !find_speaker(of->stage, b, out_program, &b_ordinal)) {
        return false;
    }
    return a_program == *out_program && a_ordinal == b_ordinal && a->subject == b->subject
           && a->udp == b->udp;
}

static void compare_scenes(const struct wbh_comparison *of, struct wbh_seen *expected,
    struct wbh_seen *seen, uint32_t program) {
    char difference[320];
    struct wbh_prose prose;
    bool is_refused = expected->end == WBH_END_REFUSED || seen->end == WBH_END_REFUSED;
    if (of->is_timed && is_refused) {
        return;
    }
    if (of->is_timed && (gave_up(of, program) || was_cut_off(of))) {
        expected->partial = true;
        seen->partial = true;
    }
    wbh_prose_init(&prose, difference, sizeof(difference));
    if (wbh_seen_differ(expected, seen, &prose)) {
        wbh_judge_diverged(&of->runner->roles[program].judge, of->oracle, seen->subject,
            of->reference_name, difference);
    }
}

/* Of datagrams timing decides more: who was there to receive one, and who gave an answer up. */
static bool is_left_out(const struct wbh_comparison *of, const struct wbh_scene *a,
    const struct wbh_scene *b, uint32_t program) {
    if (!of->repeats[program] || (b->udp && !of->keeps_datagrams)) {
        return true;
    }
    return of->is_timed
           && (a->unreached || b->unreached
               || (b->datagrams && wbh_gave_up_datagrams(of, program)));
}

static void compare_actors(
    const struct wbh_comparison *of, const struct wbh_actor *a, const struct wbh_actor *b) {
    size_t count = a->scene_count < b->scene_count ? a->scene_count : b->scene_count;
    for (size_t k = 0; k < count; k++) {
        uint32_t program;
        if (!is_same_scene(of, &a->scenes[k], &b->scenes[k], &program)
            || is_left_out(of, &a->scenes[k], &b->scenes[k], program)) {
            continue;
        }
        struct wbh_seen expected = wbh_stage_seen(of->reference, a, k);
        struct wbh_seen seen = wbh_stage_seen(of->stage, b, k);
        if (of->runner->roles[program].program.speaks_http != 0) {
            wbh_compare_plainly(of->runner, &expected, &seen);
        }
        compare_scenes(of, &expected, &seen, program);
    }
}

/* ---- what programs heard of each other ---- */

/* One end of a connection in both runs; where they differ, when that was heard. */
struct difference {
    uint32_t speaker;
    struct wbh_heard heard;
    char text[320];
};

static struct wbh_seen seen_of(
    const struct wbh_comparison *of, const struct wbh_ear *ear, bool is_partial) {
    return (struct wbh_seen){
        .end = ear->end == WBH_END_EOF ? WBH_END_EOF : WBH_END_OWN,
        .partial = is_partial || of->stage->signals_sent,
        .bytes = ear->bytes,
        .len = ear->len,
    };
}

/* The call that brought the byte at `at`, or the end. */
static const struct wbh_mark *mark_at(const struct wbh_ear *ear, size_t at) {
    size_t i = 0;
    while (i + 1 < ear->mark_count && ear->marks[i].len <= at) {
        i++;
    }
    return &ear->marks[i];
}

static bool find_difference(const struct wbh_comparison *of, const struct wbh_ear *reference,
    const struct wbh_ear *ear, uint32_t speaker, struct difference *out) {
    if (ear->mark_count == 0 || ear->process != reference->process || !of->repeats[speaker]
        || !of->repeats[ear->process]) {
        return false;
    }
    bool is_partial = gave_up(of, speaker) || gave_up(of, ear->process) || was_cut_off(of);
    const struct wbh_seen expected = seen_of(of, reference, is_partial);
    const struct wbh_seen seen = seen_of(of, ear, is_partial);
    struct wbh_prose prose;
    wbh_prose_init(&prose, out->text, sizeof(out->text));
    if (!wbh_seen_differ(&expected, &seen, &prose)) {
        return false;
    }
    const struct wbh_mark *mark = mark_at(ear, wbh_seen_common(&expected, &seen));
    out->speaker = speaker;
    out->heard.label = wbh_scenario_program(of->stage->scenario, ear->process).label;
    out->heard.step = mark->step;
    out->heard.time_ns = mark->time_ns;
    return true;
}

static bool difference_at(const struct wbh_comparison *of, uint32_t reference_subject,
    uint32_t subject, uint32_t speaker, struct difference *out) {
    const struct wbh_ear *reference =
        wbh_conversation_ear(&of->reference->conversation, reference_subject);
    const struct wbh_ear *ear = wbh_conversation_ear(&of->stage->conversation, subject);
    out->heard.subject = subject;
    return reference != NULL && ear != NULL && find_difference(of, reference, ear, speaker, out);
}

/* Of two differences of a connection the later one may come of the earlier. */
static void compare_ends(const struct wbh_comparison *of, const struct wbh_dial *reference,
    const struct wbh_dial *dial) {
    const struct wbh_ear *far = wbh_conversation_ear(&of->stage->conversation, dial->subject + 1);
    struct difference there;
    struct difference here;
    if (far == NULL) {
        return;
    }
    bool differs_there =
        difference_at(of, reference->subject + 1, dial->subject + 1, dial->process, &there);
    bool differs_here = difference_at(of, reference->subject, dial->subject, far->process, &here);
    if (!differs_there && !differs_here) {
        return;
    }
    bool is_there = differs_there && (!differs_here || there.heard.step < here.heard.step);
    const struct difference *first = is_there ? &there : &here;
    wbh_judge_diverged_at(&of->runner->roles[first->speaker].judge, of->oracle, &first->heard,
        of->reference_name, first->text);
}

static const struct wbh_dial *next_dial(
    const struct wbh_conversation *conversation, size_t *at, uint32_t process) {
    while (*at < conversation->dial_count && conversation->dials[*at].process != process) {
        (*at)++;
    }
    return *at < conversation->dial_count ? &conversation->dials[(*at)++] : NULL;
}

static bool is_between_programs(const struct wbh_dial *dial) {
    return (dial->subject & WBH_SUBJECT_LOCAL) != 0;
}

/* Its connections one by one, as long as it made the same ones. */
static void compare_dials(const struct wbh_comparison *of, uint32_t process) {
    const struct wbh_conversation *a = &of->reference->conversation;
    const struct wbh_conversation *b = &of->stage->conversation;
    size_t a_at = 0;
    size_t b_at = 0;
    if (a->dial_counts[process] != b->dial_counts[process]) {
        return;
    }
    for (uint32_t i = 0; i < a->dial_counts[process]; i++) {
        const struct wbh_dial *reference = next_dial(a, &a_at, process);
        const struct wbh_dial *dial = next_dial(b, &b_at, process);
        if (is_between_programs(reference) != is_between_programs(dial)) {
            return; /* one was refused, and what it does since then is another thing */
        }
        if (is_between_programs(dial)) {
            compare_ends(of, reference, dial);
        }
    }
}

void wbh_runner_differences(struct wbh_runner *runner, const struct wbh_oracle *oracle,
    const struct wbh_stage *reference, const char *reference_name) {
    const struct wbh_scenario *scenario = runner->stage.scenario;
    struct wbh_comparison of = {
        .runner = runner,
        .oracle = oracle,
        .reference = reference,
        .stage = &runner->stage,
        .reference_name = reference_name,
    };
    of.keeps_datagrams = keeps_datagrams(&of);
    of.is_timed =
        runner->role_count > 1 || scenario->link_count != 0 || scenario->moment_count != 0;
    for (uint32_t i = 0; i < runner->role_count; i++) {
        of.repeats[i] = repeats_itself(runner, i);
    }
    for (uint32_t i = 0; i < runner->stage.actor_count; i++) {
        compare_actors(&of, &reference->actors[i], &runner->stage.actors[i]);
    }
    for (uint32_t i = 0; runner->role_count > 1 && i < runner->role_count; i++) {
        compare_dials(&of, i);
    }
    wbh_compare_datagrams(&of);
}
