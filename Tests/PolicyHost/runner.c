// Runs scripts of the corpus through the policy host, each in a process of its own, as they are and with bytes changed;
// built with sanitizers by `sanitize` beside it. Prints one line a script and ends with 1 where one crashed or hung.

#include "policy_host.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_BYTES = 80 * 1024, SECONDS_A_SCRIPT = 60, EVALUATIONS = 3 };

typedef struct {
    char bytes[MOST_BYTES];
    size_t length;
} script;

static uint64_t dice = 1;

static uint64_t roll(uint64_t bound) {
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (dice >> 33) % bound;
}

static bool read_script(const char *path, script *into) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return false;
    into->length = fread(into->bytes, 1, sizeof into->bytes, file);
    fclose(file);
    return true;
}

static void mutate(const script *from, script *to) {
    *to = *from;
    for (uint64_t changes = 1 + roll(6); changes > 0 && to->length > 8; changes--) {
        size_t at = roll(to->length - 4);
        switch (roll(4)) {
        case 0:
            memmove(to->bytes + at, to->bytes + at + 3, to->length - at - 3);
            to->length -= 3;
            break;
        case 1:
            to->bytes[at] ^= (char)(1u << roll(8));
            break;
        case 2:
            to->bytes[at] = (char)roll(256);
            break;
        default:
            if (to->length + 8 > sizeof to->bytes) break;
            memmove(to->bytes + at + 4, to->bytes + at, to->length - at);
            memcpy(to->bytes + at, to->bytes + roll(to->length - 4), 4);
            to->length += 4;
        }
    }
}

// The source lies in a block of exactly its size, so that a byte read past it is seen.
static policy_host *open_host(const script *source, char **block) {
    *block = malloc(source->length > 0 ? source->length : 1);
    if (*block == NULL) return NULL;
    memcpy(*block, source->bytes, source->length);
    policy_source row = {"", "@policy.lua", *block, source->length};
    return policy_host_new(&row, 1);
}

static policy_question question_at(int64_t tick) {
    policy_question question;
    memset(&question, 0, sizeof question);
    question.arena = "AUSDTsize_drift";
    question.arena_length = 15;
    question.now = (double)tick * 5;
    question.tick = tick;
    question.limits = (policy_limits){1000, 20, 0.25, 8, 4};
    question.last_enforced.max_leverage = 1;
    return question;
}

// Evaluates in turn, and once more on a state with a byte changed, as one that was damaged on disk.
static policy_status evaluate(policy_host *host) {
    static const policy_symbol_debt debt = {{0, 5}, {5, 10}, 3, 1};
    static uint8_t state[POLICY_STATE_BYTES];
    policy_question question = question_at(0);
    const policy_outcome *outcome = policy_host_initial_state(host, &question);
    size_t length = outcome->state_length;
    if (outcome->status != POLICY_OK) return outcome->status;
    memcpy(state, outcome->state, length);
    for (int64_t tick = 1; tick <= EVALUATIONS; tick++) {
        question = question_at(tick);
        question.belief.symbols = &debt;
        question.belief.symbol_count = 1;
        question.state = state;
        question.state_length = length;
        outcome = policy_host_evaluate(host, &question);
        if (outcome->status != POLICY_OK) return outcome->status;
        length = outcome->state_length;
        memcpy(state, outcome->state, length);
    }
    for (int damages = 0; damages < 8; damages++) {
        size_t at = roll(length);
        uint8_t kept = state[at];
        state[at] = (uint8_t)roll(256);
        size_t size = 0;
        policy_state_is_sound(state, length);
        policy_host_evaluate(host, &question);
        policy_host_bytecode(host, 0, &size);
        state[at] = kept;
    }
    return POLICY_OK;
}

static policy_status run(const script *source) {
    char *block = NULL;
    policy_host *host = open_host(source, &block);
    if (host == NULL) exit(2);
    policy_status status = policy_host_load_outcome(host)->status;
    if (status == POLICY_OK) {
        policy_description *description = malloc(sizeof *description);
        if (description == NULL) exit(2);
        status = policy_host_describe(host, description)->status;
        if (status == POLICY_OK) status = evaluate(host);
        policy_host_item(host, 1);
        free(description);
    }
    policy_host_free(host);
    free(block);
    return status;
}

static void run_child(const char *path, const script *original, uint64_t mutations, const char *kept) {
    static script changed;
    alarm(SECONDS_A_SCRIPT);
    policy_status status = run(original);
    for (uint64_t i = 0; i < mutations; i++) {
        mutate(original, &changed);
        FILE *file = fopen(kept, "wb");
        if (file != NULL) {
            fwrite(changed.bytes, 1, changed.length, file);
            fclose(file);
        }
        alarm(SECONDS_A_SCRIPT);
        run(&changed);
    }
    printf("%d %s\n", (int)status, path);
    fflush(stdout);
    exit(0);
}

int main(int count, char **arguments) {
    static script original;
    if (count < 4) {
        fprintf(stderr, "usage: runner MUTATIONS KEPT FILE…\n");
        return 64;
    }
    uint64_t mutations = strtoull(arguments[1], NULL, 10);
    int failures = 0;
    for (int i = 3; i < count; i++) {
        if (!read_script(arguments[i], &original)) return 64;
        dice = (uint64_t)i * 7919;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) run_child(arguments[i], &original, mutations, arguments[2]);
        int status = 0;
        waitpid(child, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
        failures++;
        printf("FAILED %s: %s %d; what ran last is in %s\n", arguments[i],
               WIFSIGNALED(status) ? "signal" : "exit code",
               WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), arguments[2]);
        break;
    }
    printf("%d scripts, %d failed\n", count - 3, failures);
    return failures > 0;
}
